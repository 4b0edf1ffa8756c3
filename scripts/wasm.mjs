// Compiles the WebAssembly text under src/ into TypeScript files that hold its bytes: `node scripts/wasm.mjs`.
// The result is committed, so that neither learners nor the build need the compiler. With --check nothing is written;
// a file that differs is named and the exit code is 1.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = ["src/ml/trees/row-kernel.wat", "src/ml/cluster/distance-kernel.wat"];

/** The TypeScript of a compiled source; both paths from the root. */
async function compiled(source) {
  const { parseWat } = await wabt();
  const module = parseWat(source, readFileSync(join(root, source), "utf8"), { simd: true, threads: true });
  const text = Buffer.from(module.toBinary({}).buffer).toString("base64");
  module.destroy();
  const lines = text.match(/.{1,96}/g).map((line) => `  "${line}"`);
  return {
    path: source.replace(/\.wat$/, "-bytes.ts"),
    text: `// Made from ${source} by scripts/wasm.mjs: change that, not this.\n/** The module in base 64. */\nexport const BYTES =\n${lines.join(" +\n")};\n`,
  };
}

for (const source of SOURCES) {
  const { path, text } = await compiled(source);
  if (!process.argv.includes("--check")) writeFileSync(join(root, path), text);
  else if (readFileSync(join(root, path), "utf8") !== text) {
    console.error(`${path} is not what ${source} compiles to: node scripts/wasm.mjs`);
    process.exitCode = 1;
  }
}

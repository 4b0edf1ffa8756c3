// Packs the project, installs the tarball into an empty folder and uses it there as a learner would.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const limitBytes = 15_000_000;
const isWindows = process.platform === "win32";
const npm = isWindows ? "npm.cmd" : "npm";
const folder = mkdtempSync(join(tmpdir(), "taller-package-"));
const env = { ...process.env, TALLER_LANG: "en", NO_COLOR: "1" };

try {
  run(npm, ["pack", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack gave no tarball");
  const { size } = statSync(join(folder, tarball));
  console.log(`tarball: ${(size / 1e6).toFixed(1)} MB`);
  if (size > limitBytes) throw new Error(`the tarball has ${size} bytes; the limit is ${limitBytes}`);
  const home = join(folder, "home");
  execFileSync(process.execPath, ["-e", `require("fs").mkdirSync(${JSON.stringify(home)})`]);
  writeFileSync(join(home, "package.json"), '{ "private": true }');
  run(npm, ["install", "--no-audit", "--no-fund", join(folder, tarball)], home);
  const taller = join(home, "node_modules", "taller", "bin", "taller.js");
  const use = (...args) => run(process.execPath, [taller, ...args], home);
  expectText(use("--version"), /^\d+\.\d+\.\d+/);
  expectText(use("list"), /etl/);
  expectText(use("lesson", "01"), /Parquet/);
  expectText(use("run", "etl", "--rows", "20000", "--json"), /"pipeline":"etl"/);
  expectText(use("doctor"), /DuckDB/i);
  use("dev", "new", "09-mine", "--course", join(home, "course"));
  use("dev", "check", "--course", join(home, "course"));
  console.log("the package works in an empty folder");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: isWindows,
  });
}

function expectText(text, pattern) {
  if (!pattern.test(text)) throw new Error(`expected ${pattern} in:\n${text.slice(-2000)}`);
}

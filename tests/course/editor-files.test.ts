import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { declarationTree } from "../../src/course/editor-files.ts";
import { makeWorkspace } from "../../src/course/workspace.ts";
import { compilerPath } from "../../src/grading/type-errors.ts";
import { tempFolder } from "./toy.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the compiler says of a workspace, as an editor's language service would. */
function typeErrors(folder: string): string {
  try {
    execFileSync(compilerPath() ?? "tsc", ["-p", folder, "--pretty", "false"], { encoding: "utf8" });
    return "";
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

const LEARNERS = `import { col, fieldsOf, memorySource, readStream, tableFromRows, type DataStream, type Table } from "taller";
export const table: Table = tableFromRows(fieldsOf({ id: { kind: "int32" } }), [{ id: 1 }]);
export const stream: DataStream = readStream.from(memorySource(table.fields)).filter(col("id").gt(0));
console.log(table.rowCount);
`;

test("an editor knows the learner's door in a workspace, and sees a wrong call", async () => {
  const folder = join(await tempFolder(), "ws");
  await makeWorkspace(folder);
  await mkdir(join(folder, "01-toy"));
  await writeFile(join(folder, "01-toy", "right.ts"), LEARNERS);
  expect(typeErrors(folder)).toBe("");

  await writeFile(join(folder, "01-toy", "wrong.ts"), LEARNERS.replace("[{ id: 1 }]", '"rows"'));
  expect(typeErrors(folder)).toContain("01-toy/wrong.ts(2,");
});

test("an edited tsconfig.json stays", async () => {
  const folder = join(await tempFolder(), "ws");
  await makeWorkspace(folder);
  await writeFile(join(folder, "tsconfig.json"), "{}");
  await writeFile(join(folder, ".taller", "editor.json"), "an older installation");
  await makeWorkspace(folder);

  expect(await readFile(join(folder, "tsconfig.json"), "utf8")).toBe("{}");
});

test("the declarations that a build would copy are whole and pass the compiler", async () => {
  const folder = await tempFolder();
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, "src"),
      outDir: join(folder, "built"),
      stripInternal: true,
      typeRoots: [join(root, "node_modules", "@types")],
    },
    files: [join(root, "src", "index.ts")],
    include: [],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  expect(typeErrors(folder)).toBe("");

  const tree = await declarationTree(join(folder, "built", "index.d.ts"));
  expect([...tree.keys()]).toEqual(expect.arrayContaining(["index.d.ts", "core/table.d.ts"]));
  expect([...tree.values()].join("\n")).not.toMatch(/from "\.[^"]*\.ts"/);
  const workspace = join(folder, "ws");
  await makeWorkspace(workspace);
  await writeFile(join(workspace, "right.ts"), LEARNERS);
  for (const [name, text] of tree) {
    const path = join(workspace, "node_modules", "taller", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  expect(typeErrors(workspace)).toBe("");
});

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("the committed bytes are what the WebAssembly text compiles to", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/wasm.mjs", "--check"], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

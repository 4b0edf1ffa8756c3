import { resolve, sep } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { artifactSegments } from "../../../../src/services/tracking/embedded/store/artifact-path.ts";

describe("paths of artifacts", () => {
  test("what any file may be called passes", () => {
    expect(artifactSegments("1/abc/artifacts/año 100%.txt")).toEqual([
      "1",
      "abc",
      "artifacts",
      "año 100%.txt",
    ]);
    expect(artifactSegments("a//b/")).toEqual(["a", "b"]);
    expect(artifactSegments("...")).toEqual(["..."]);
    expect(artifactSegments("")).toEqual([]);
  });

  test.each([
    "..",
    "a/../b",
    "a/..",
    "%2e%2e/x",
    "%252e%252e/x",
    "a/%2e%2e%2fb",
    "/etc/passwd",
    "%2fetc",
    "C:\\x",
    "c:/x",
    "a\\..\\b",
    "a%5c..%5cb",
    "file:///etc",
    "a/./b",
    "a\u0000b",
    "a%00b",
    "a#b",
    "x".repeat(256),
  ])("%s is refused", (path) => {
    expect(() => artifactSegments(path)).toThrow(/Invalid path/);
  });

  test("whatever passes stays below the folder", () => {
    const part = fc.oneof(
      fc.constantFrom("..", ".", "/", "%2e", "%2E%2e", "%252e", "\\", "%5c", "C:", "~", "\u2024\u2024", ""),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    const root = resolve("/srv/files");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom("", "/"), (parts, joint) => {
        let segments: readonly string[];
        try {
          segments = artifactSegments(parts.join(joint));
        } catch {
          return;
        }
        const place = resolve(root, ...segments);
        expect(place === root || place.startsWith(root + sep)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

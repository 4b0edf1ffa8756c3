import { describe, expect, test } from "vitest";
import { renderDiff } from "../../src/cli/ui/diff.ts";
import { splitCommand } from "../../src/cli/ui/editor.ts";
import { renderError } from "../../src/cli/ui/errors.ts";
import { renderMenu } from "../../src/cli/ui/menu.ts";
import { UserError } from "../../src/core/errors.ts";
import { verbatim } from "../../src/core/text.ts";
import { lookOf } from "./looks.ts";

describe("an error", () => {
  test("says what, where and what to type next", () => {
    const error = new UserError({
      fault: "environment",
      code: "kafka-refused",
      what: { es: "No puedo abrir Kafka.", en: "I can't open Kafka." },
      where: "127.0.0.1:9092",
      next: [{ es: "comprueba el tuyo:   taller doctor", en: "check yours:   taller doctor" }],
    });
    expect(renderError(error, lookOf())).toBe(
      " No puedo abrir Kafka.\n 127.0.0.1:9092\n   comprueba el tuyo:   taller doctor",
    );
    expect(renderError(error, lookOf({ lang: "en", isPlain: true }))).toMatch(
      /^ Error: I can't open Kafka\./,
    );
  });

  test("never breaks a command that is to be copied", () => {
    const command = `taller run etl --input ${"folder/".repeat(20)}file.csv`;
    const error = new UserError({
      fault: "data",
      code: "x",
      what: verbatim("No."),
      next: [verbatim(command)],
    });
    expect(renderError(error, lookOf({ columns: 40 }))).toContain(command);
  });
});

describe("a diff", () => {
  test("keeps its signs and leaves out what only tools need", () => {
    const patch =
      "Index: a\n=====\n--- mine\n+++ solution\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n";
    expect(renderDiff(patch, lookOf())).toBe(" --- mine\n +++ solution\n @@ -1 +1 @@\n -a\n +b");
  });
});

describe("a menu", () => {
  test("breaks between items", () => {
    const items = Array.from({ length: 8 }, (_, index) => ({ key: String(index), label: "label of it" }));
    const lines = renderMenu(items, lookOf({ columns: 60 })).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(lines.every((line) => /^ \d label of it/.test(line))).toBe(true);
  });
});

describe("the editor's command", () => {
  test.each([
    ["vim", ["vim"]],
    ["code --wait", ["code", "--wait"]],
    ['"C:\\Program Files\\e.exe" -n', ["C:\\Program Files\\e.exe", "-n"]],
    ["sh -c 'a b'", ["sh", "-c", "a b"]],
  ])("splits %s into words", (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });
});

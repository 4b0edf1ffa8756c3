import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { progressRenderer } from "../../src/cli/ui/progress.ts";
import { openScreen } from "../../src/cli/ui/terminal.ts";
import { fixedClock } from "../../src/core/effects.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { verbatim } from "../../src/core/text.ts";
import { typed } from "./looks.ts";

/** A renderer on pipes, with a clock that is moved by hand. */
function onPipes(options: { toStderr?: boolean } = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const screen = openScreen({
    streams: { stdin: new PassThrough(), stdout, stderr },
    env: { LANG: "C.UTF-8" },
    lang: "en",
  });
  const clock = fixedClock(0);
  const renderer = progressRenderer(screen, { ...options, clock });
  return {
    renderer,
    clock,
    out: () => typed(String(stdout.read() ?? "")),
    err: () => typed(String(stderr.read() ?? "")),
  };
}

const table = tableFromRows(fieldsOf({ n: { kind: "int32" } }), [{ n: 7 }]);

describe("progress without a terminal", () => {
  test("is a line now and then on stderr, with rows, share and rate", () => {
    const { renderer, clock, out, err } = onPipes();
    const tell = (done: number) =>
      renderer.emit({ kind: "progress", task: verbatim("reading"), done, total: 5_000_000, unit: "rows" });
    tell(0);
    clock.advance(1_000);
    tell(1_000_000);
    expect(err()).toBe("");
    clock.advance(5_000);
    tell(3_000_000);
    tell(3_100_000);
    expect(err()).toBe(" reading · 3,000,000 of 5,000,000 rows · 60% · 500,000 rows/s\n");
    expect(out()).toBe("");
  });

  test("is now and then how things stand, all lines of it", () => {
    const { renderer, clock, err } = onPipes();
    const tell = (batch: number) =>
      renderer.emit({ kind: "status", lines: [verbatim(`batch ${batch}`), verbatim("12 late")] });
    tell(1);
    expect(err()).toBe("");
    clock.advance(6_000);
    tell(2);
    tell(3);
    expect(err()).toBe(" batch 2\n 12 late\n");
  });

  test("says each step that is done, notes and warnings by a word on stderr", () => {
    const { renderer, err } = onPipes();
    renderer.emit({ kind: "step-started", step: "clean", title: { es: "Limpia", en: "Clean" } });
    renderer.emit({ kind: "step-finished", step: "clean", seconds: 1.5 });
    renderer.emit({ kind: "note", text: verbatim("a note") });
    renderer.emit({ kind: "warning", text: verbatim("little room") });
    expect(err()).toBe(" done  Clean  1.50 s\n a note\n warning: little room\n");
  });

  test("puts tables on stdout with where the numbers come from, and on stderr for --json", () => {
    const event = { kind: "table", title: verbatim("Rows"), table, label: "measured" } as const;
    const plain = onPipes();
    plain.renderer.emit(event);
    expect(plain.out()).toContain("Rows  measured\n ┌───┐");
    const json = onPipes({ toStderr: true });
    json.renderer.emit(event);
    expect(json.out()).toBe("");
    expect(json.err()).toContain("│ 7 │");
  });
});

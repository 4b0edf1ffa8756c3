import { describe, expect, test } from "vitest";
import type { Look } from "../../src/cli/ui/terminal.ts";
import { renderVerdict } from "../../src/cli/ui/verdict.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import type { FailureReason, SubmissionProblem, Verdict } from "../../src/grading/verdict.ts";
import { lookOf, typed, widestLine } from "./looks.ts";

const example = tableFromRows(fieldsOf({ lead_id: { kind: "string" }, amount: { kind: "float64" } }), [
  { lead_id: "000412", amount: null },
]);

const task = {
  checks: { schema: "`valid` tiene las columnas pedidas", "no-loss": "ninguna fila se pierde" },
  mistakes: { "null-comparison": "Parece una comparación con NULL:\n\n{{example}}\n\nNULL no es falso." },
};

const failed: Verdict = {
  exercise: "etl/quarantine",
  version: 1,
  passed: false,
  state: "failed",
  seconds: 0.34,
  typeErrors: [],
  checks: [
    { id: "schema", passed: true },
    {
      id: "no-loss",
      passed: false,
      case: "seed-101",
      mistake: "null-comparison",
      failure: {
        example,
        reason: {
          kind: "rows",
          result: "valid",
          expectedRows: 4871,
          actualRows: 4859,
          missing: 12,
          extra: 0,
          changed: 1,
          differences: [
            { kind: "missing", key: { lead_id: "000412" }, row: { lead_id: "000412", amount: null } },
            {
              kind: "changed",
              key: { lead_id: "7" },
              cells: [{ column: "amount", expected: 12.5, actual: null }],
            },
          ],
        },
      },
    },
    { id: "later", passed: null },
  ],
};

function draw(verdict: Verdict, change: Partial<Look> = {}): string {
  return typed(
    renderVerdict({ verdict, task, name: "01/quarantine", files: ["quarantine.sql"] }, lookOf(change)),
  );
}

function drawReason(reason: FailureReason, change: Partial<Look> = {}): string {
  return draw({ ...failed, checks: [{ id: "no-loss", passed: false, failure: { reason } }] }, change);
}

function drawProblem(problem: SubmissionProblem, change: Partial<Look> = {}): string {
  return draw({ ...failed, state: "error", problem, checks: [{ id: "schema", passed: null }] }, change);
}

describe("a verdict", () => {
  test("says what holds first, then the one thing to mend, with the smallest case and the mistake", () => {
    expect(draw(failed)).toBe(
      [
        " ✗ 01/quarantine   quarantine.sql                              no pasa · 0,34 s",
        "─".repeat(80),
        " pasa    schema   `valid` tiene las columnas pedidas",
        " FALLA   no-loss  ninguna fila se pierde",
        " por ver later",
        "",
        "   Con datos que no has visto (otra semilla):",
        "   `valid` tiene 4 859 filas y debe tener 4 871: faltan 12 y 1 trae otros",
        "   valores.",
        "",
        "   ┌─────────┬─────────┬───────────┬─────────┐",
        "   │ lead_id │ columna │ se espera │ la tuya │",
        "   ├─────────┼─────────┼───────────┼─────────┤",
        "   │ 7       │ amount  │ 12,5      │ NULL    │",
        "   └─────────┴─────────┴───────────┴─────────┘",
        "",
        "   Parece una comparación con NULL:",
        "",
        "     ┌─────────┬────────┐",
        "     │ lead_id │ amount │",
        "     ├─────────┼────────┤",
        "     │ 000412  │   NULL │",
        "     └─────────┴────────┘",
        "",
        "   NULL no es falso.",
      ].join("\n"),
    );
  });

  test("says a pass in a word, not only by a sign and a colour", () => {
    const passed: Verdict = {
      ...failed,
      passed: true,
      state: "passed",
      checks: [{ id: "schema", passed: true }],
    };
    expect(draw(passed, { lang: "en" })).toContain("passed · 0.34 s");
    expect(draw(passed, { isPlain: true, lang: "en" })).toMatch(/^01\/quarantine {3}quarantine.sql · passed/);
  });

  test("lists type errors first when a check fails, and as a note when all pass", () => {
    const typeErrors = [{ file: "a.ts", line: 3, column: 4, message: "Type 'string' is not…" }];
    const whenFailed = draw({ ...failed, typeErrors });
    expect(whenFailed.indexOf("a.ts:3:4")).toBeLessThan(whenFailed.indexOf("no-loss"));
    const whenPassed = draw({
      ...failed,
      typeErrors,
      passed: true,
      checks: [{ id: "schema", passed: true }],
    });
    expect(whenPassed.indexOf("a.ts:3:4")).toBeGreaterThan(whenPassed.indexOf("schema"));
    expect(whenPassed).toContain("Pasa, con errores de tipos");
  });

  test("shows the example before a mistake that does not place it", () => {
    const check = {
      id: "no-loss",
      passed: false,
      failure: { reason: { kind: "said", text: { es: "No.", en: "No." } }, example },
    } as const;
    const text = draw({ ...failed, checks: [{ ...check }] });
    expect(text).toContain("El caso más pequeño:");
    expect(text).toContain("000412");
  });

  test("shows rows once: those that the mistake places are not among the differences again", () => {
    const missing = {
      kind: "missing",
      key: { lead_id: "000412" },
      row: { lead_id: "000412", amount: null },
    } as const;
    const reason = {
      kind: "rows",
      result: "valid",
      expectedRows: 2,
      actualRows: 1,
      missing: 1,
      extra: 0,
      changed: 0,
      differences: [missing],
    } as const;
    const check = { id: "no-loss", passed: false, failure: { reason, example } } as const;
    const placed = draw({ ...failed, checks: [{ ...check, mistake: "null-comparison" }] });
    expect(placed.split("000412")).toHaveLength(2);
    expect(placed).toContain("valid` tiene 1 fila y debe tener 2: falta 1.");
    const unplaced = draw({ ...failed, checks: [check] });
    expect(unplaced.split("000412")).toHaveLength(2);
    expect(unplaced).toContain("falta");
  });

  test("explains the first failing check only", () => {
    const second = {
      id: "second",
      passed: false,
      failure: { reason: { kind: "said", text: { es: "segundo", en: "" } } },
    } as const;
    const text = draw({ ...failed, checks: [...failed.checks, { ...second }] });
    expect(text).not.toContain("segundo");
    expect(text).toContain("Lo demás puede esperar");
  });

  test("stands without the task's texts", () => {
    const view = { verdict: failed, task: undefined, name: "x", files: [] };
    expect(renderVerdict(view, lookOf())).toContain("no-loss");
  });

  test("fits 60 columns", () => {
    expect(widestLine(draw(failed, { columns: 60 }))).toBeLessThanOrEqual(60);
  });

  test.each<[FailureReason, string, string]>([
    [
      { kind: "columns", result: "valid", missing: ["a", "b"], extra: ["c"] },
      "A `valid` le faltan las columnas `a` y `b`.\n   En `valid` sobra `c`.",
      "`valid` lacks the columns `a` and `b`.\n   `valid` has `c`, which was not asked for.",
    ],
    [
      { kind: "columns", result: "r", missing: [], extra: [], expectedOrder: ["a", "b"] },
      "el orden pedido es: `a`, `b`.",
      "the order asked for is: `a`, `b`.",
    ],
    [
      { kind: "types", result: "r", columns: [{ name: "a", expected: "integer", actual: "text" }] },
      "`a` tiene que ser entero y es texto.",
      "`a` must be integer; it is text.",
    ],
    [
      { kind: "order", result: "r", row: 3, by: ["day"] },
      "desde la fila 3 no siguen `day`.",
      "from row 3 on they do not follow `day`.",
    ],
    [
      { kind: "value", name: "auc_*", expected: 0.75, actual: 0.5, tolerance: 0.01, unit: "pts" },
      "auc_*: se espera 0,75 pts y sale 0,5 pts. Vale una diferencia de 0,01.".replace(
        ". Vale",
        ".\n   Vale",
      ),
      "auc_*: expected 0.75 pts, got 0.5 pts.",
    ],
    [
      { kind: "answer", field: "files", given: 12, problem: "wrong" },
      "`files`: 12 no es la respuesta.",
      "`files`: 12 is not the answer.",
    ],
    [
      { kind: "answer", field: "files", given: null, problem: "missing" },
      "`files` está sin responder.",
      "has no answer yet",
    ],
    [
      { kind: "answer", field: "files", given: "many", problem: "form" },
      "no sé leer many",
      "I can't read many",
    ],
    [
      {
        kind: "plan",
        facts: [{ name: { es: "ficheros leídos", en: "files read" }, expected: "1", actual: "4" }],
      },
      "ficheros leídos: se espera 1 y hay 4.",
      "files read: expected 1, found 4.",
    ],
  ])("puts %o into words", (reason, es, en) => {
    expect(drawReason(reason, { columns: 110 })).toContain(es);
    expect(drawReason(reason, { columns: 110, lang: "en" })).toContain(en);
  });

  test.each<[SubmissionProblem, string, string]>([
    [{ kind: "missing-file", file: "a.sql" }, "No encuentro `a.sql`.", "I can't find `a.sql`."],
    [{ kind: "not-text", file: "a.sql" }, "no es un texto en UTF-8", "is no UTF-8 text"],
    [
      { kind: "syntax", file: "a.ts", line: 3, column: 7, message: "Unexpected }" },
      "a.ts, línea 3, columna 7\n   No se entiende",
      "a.ts, line 3, column 7\n   What is written",
    ],
    [{ kind: "sql", file: "a.sql", line: 2, message: 'near "SELEC"' }, "a.sql, línea 2", 'near "SELEC"'],
    [
      { kind: "missing-result", result: "valid", found: ["x"] },
      "Se pide la vista `valid`",
      "It leaves: `x`.",
    ],
    [{ kind: "missing-export", name: "mean", found: [] }, "No exporta nada.", "It exports nothing."],
    [
      { kind: "threw", message: "boom\x1b[2J", file: "a.ts", line: 1 },
      "boom\\x1b[2J",
      "Your code threw an error:",
    ],
    [
      { kind: "refused", what: "network", message: "connect" },
      "no se permite usar la red",
      "does not allow using the network",
    ],
    [
      { kind: "refused", what: "channel", message: "" },
      "no se permite escribir en el canal por el que se corrige.",
      "does not allow writing to the channel that grading uses.",
    ],
    [
      { kind: "refused", what: "child-process", message: "" },
      "no se permite arrancar otros procesos.",
      "does not allow starting other processes.",
    ],
    [{ kind: "time-limit", limitMs: 5000 }, "Pasó de 5 s sin terminar.", "It ran for more than 5 s."],
    [{ kind: "memory-limit", limitMb: 512 }, "Pasó de 512 MB de memoria.", "more than 512 MB of memory"],
    [{ kind: "disk-limit", limitMb: 64 }, "más de 64 MB en disco", "more than 64 MB to disk"],
    [{ kind: "output-limit", limitMb: 1 }, "más de 1 MB por pantalla", "It printed more than 1 MB"],
    [{ kind: "ended-early", exitCode: 0, signal: null }, "código 0", "code 0"],
    [{ kind: "ended-early", exitCode: null, signal: "SIGSEGV" }, "señal SIGSEGV", "signal SIGSEGV"],
    [{ kind: "not-data", message: "a function" }, "no se puede comparar", "can't be compared"],
  ])("puts the problem %o into words", (problem, es, en) => {
    expect(drawProblem(problem, { columns: 110 })).toContain(es);
    expect(drawProblem(problem, { columns: 110, lang: "en" })).toContain(en);
    expect(drawProblem(problem)).not.toContain("por ver");
  });
});

import { describe, expect, test } from "vitest";
import { type ProofRule, type ProvableExercise, proveExercise } from "../../src/grading/prove.ts";
import { brokenCourse, type Edits, temporaryPlace, toyExercise, toyTexts } from "./toy.ts";

const place = await temporaryPlace();

interface Broken {
  readonly rule: ProofRule;
  readonly why: string;
  readonly slug: "answer" | "big" | "layout" | "mean";
  readonly edits: Edits;
  readonly variant?: string;
  /** The right and wrong variants that are graded; default all. Fewer where each costs processes. */
  readonly keep?: readonly string[];
}

// Kind answers runs no process: a rule that every kind has is broken there.
const BROKEN: readonly Broken[] = [
  {
    rule: "spec",
    why: "a wrong answer is declared and has no file",
    slug: "answer",
    edits: { "exercise.ts": { replace: '"no-nulls":', with: 'phantom: "rows", "no-nulls":' } },
  },
  {
    rule: "spec",
    why: "there is one hidden seed only",
    slug: "big",
    edits: { "exercise.ts": { replace: ", { seed: 202 }", with: "" } },
  },
  {
    rule: "solution-passes",
    why: "the solution is wrong",
    slug: "answer",
    edits: { "solution.yaml": "rows: 3\nmean: 312.5\nhas_nulls: true\n" },
    variant: "solution",
  },
  {
    rule: "solution-passes",
    why: "the solution does not run",
    slug: "big",
    edits: { "solution.sql": "SELECT id, x FROM nowhere\n" },
    variant: "solution",
  },
  {
    rule: "right-passes",
    why: "a right variant is wrong",
    slug: "answer",
    edits: { "right/english.yaml": "rows: 1,250\nmean: 9\nhas_nulls: yes\n" },
    variant: "right/english",
  },
  {
    rule: "starter-fails-as-declared",
    why: "the starter passes",
    slug: "answer",
    edits: { "starter.yaml": "rows: 1250\nmean: 312.5\nhas_nulls: true\n" },
    variant: "starter",
  },
  {
    rule: "starter-fails-as-declared",
    why: "the starter can't be read",
    slug: "answer",
    edits: { "starter.yaml": "rows: [\n" },
    variant: "starter",
  },
  {
    rule: "wrong-fails-as-declared",
    why: "a wrong answer passes",
    slug: "answer",
    edits: { "wrong/no-nulls.yaml": "rows: 1250\nmean: 312.5\nhas_nulls: true\n" },
    variant: "wrong/no-nulls",
  },
  {
    rule: "wrong-fails-as-declared",
    why: "a wrong answer fails another check first",
    slug: "answer",
    edits: { "wrong/no-nulls.yaml": "rows: 7\nmean: 312.5\nhas_nulls: false\n" },
    variant: "wrong/no-nulls",
  },
  {
    rule: "wrong-is-recognised",
    why: "two wrong answers are the same",
    slug: "answer",
    edits: {
      "exercise.ts": { replace: '"no-nulls":', with: '"values-only": "rows", "no-nulls":' },
      "wrong/values-only.yaml": "rows: 1000\nmean: 312.5\nhas_nulls: true\n",
    },
    variant: "wrong/values-only",
  },
  {
    rule: "checks-have-texts",
    why: "a check has no title in one language",
    slug: "answer",
    edits: { "task.es.md": { replace: "## check has-nulls: si hay nulls", with: "" } },
  },
  {
    rule: "mistakes-have-texts",
    why: "a text names a mistake that no wrong answer shows",
    slug: "answer",
    edits: { "task.en.md": { replace: "## mistake no-nulls", with: "## mistake none" } },
  },
  {
    rule: "three-wrong",
    why: "there are two wrong answers",
    slug: "answer",
    edits: {
      "exercise.ts": { replace: ', "no-nulls": "has-nulls"', with: "" },
      "wrong/no-nulls.yaml": null,
    },
  },
  {
    rule: "two-right",
    why: "there is one right variant",
    slug: "layout",
    edits: { "right/snappy.yaml": null },
  },
  {
    rule: "right-differ-in-method",
    why: "a right variant is the solution with other names and spaces",
    slug: "big",
    edits: {
      "right/negated.sql": "-- mine\nselect n.id as id , N.X\nfrom NUMBERS as n\nwhere n.x>=100 ;\n",
    },
    variant: "right/negated",
    keep: ["negated"],
  },
  {
    rule: "wrong-on-hidden-only",
    why: "the visible data tells every mistake",
    slug: "big",
    edits: { "wrong/off-by-one.sql": "SELECT id, x FROM numbers WHERE x > 150\n" },
    keep: ["off-by-one"],
  },
  {
    rule: "constants-fail",
    why: "the hidden data is the visible one",
    slug: "big",
    edits: {
      "exercise.ts": [
        { replace: "import { defineExercise,", with: "import { defineExercise, seededRandom," },
        {
          replace: "({ seed, random }) =>",
          with: "(_, { seed, random } = { seed: 7, random: seededRandom(7) }) =>",
        },
        {
          replace: 'edges: ["empty", "one-row", "all-null"],',
          with: 'edges: [{ edge: "custom", id: "same" }],',
        },
      ],
    },
    variant: "constants",
    keep: [],
  },
  {
    rule: "right-has-no-type-errors",
    why: "the solution does not compile cleanly",
    slug: "mean",
    keep: [],
    edits: {
      "solution.ts": { replace: "let count = 0;", with: 'let count: number = "0" as string;\n  count = 0;' },
    },
    variant: "solution",
  },
  {
    rule: "checks-do-not-throw",
    why: "a check has a bug",
    slug: "answer",
    edits: {
      "exercise.ts": {
        replace: "expected: async () => true",
        with: 'expected: async () => { throw new TypeError("oops"); }',
      },
    },
    variant: "solution",
  },
  {
    rule: "verdict-is-stable",
    why: "a check depends on the day",
    slug: "answer",
    edits: {
      "exercise.ts": {
        replace: "expected: async () => true",
        with: "expected: async ({ clock }) => new Date(clock.now()).getUTCFullYear() < 2030",
      },
    },
    variant: "solution",
  },
  {
    rule: "verdict-is-stable",
    why: "a check depends on the machine's time zone",
    slug: "answer",
    edits: {
      "exercise.ts": {
        replace: "expected: async () => true",
        with: "expected: async () => new Date(2024, 0, 1).getTimezoneOffset() > -800",
      },
    },
    variant: "solution",
  },
];

describe("a broken exercise is refused", () => {
  test.for(BROKEN)("$rule: $why", { timeout: 180_000 }, async ({ rule, slug, edits, variant, keep }) => {
    const root = await brokenCourse(slug, edits);
    const [whole, texts] = [await toyExercise(slug, root), await toyTexts(slug, root)];
    const exercise = keep === undefined ? whole : withVariants(whole, keep);
    const { findings } = await proveExercise({ ...place, exercise, texts });
    const found = findings.filter((finding) => finding.rule === rule);
    expect(found.map((finding) => finding.variant)).toContain(variant);
    for (const { detail } of found) expect(detail.es).not.toBe("");
  });
});

/** The exercise with these right and wrong variants only. */
function withVariants(exercise: ProvableExercise, names: readonly string[]): ProvableExercise {
  const kept = <T>(variants: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(variants).filter(([name]) => names.includes(name)));
  const spec = { ...exercise.spec, wrong: kept(exercise.spec.wrong) };
  return { ...exercise, spec, right: kept(exercise.right), wrong: kept(exercise.wrong) };
}

test("every rule of a proof is broken by one of these tests", () => {
  const rules: Record<ProofRule, true> = {
    spec: true,
    "solution-passes": true,
    "right-passes": true,
    "right-has-no-type-errors": true,
    "checks-do-not-throw": true,
    "starter-fails-as-declared": true,
    "wrong-fails-as-declared": true,
    "wrong-is-recognised": true,
    "mistakes-have-texts": true,
    "checks-have-texts": true,
    "three-wrong": true,
    "wrong-on-hidden-only": true,
    "constants-fail": true,
    "two-right": true,
    "right-differ-in-method": true,
    "verdict-is-stable": true,
  };
  expect(new Set(BROKEN.map(({ rule }) => rule))).toEqual(new Set(Object.keys(rules)));
});

import { LANGS } from "../../core/text.ts";
import { VISIBLE_SEED } from "../cases/list.ts";
import type { Exercise } from "../exercise.ts";
import { normalForm } from "./normal-form.ts";
import type { ProofFinding, ProvableExercise, TaskIds } from "./report.ts";

/** Kinds that are judged on data that the learner does not see. */
export function hasHiddenData({ kind }: Exercise): boolean {
  return kind === "sql" || kind === "ts" || kind === "router";
}

/** What the exercise's own declaration contradicts, before anything runs. */
export function specFindings({ spec, wrong }: ProvableExercise): ProofFinding[] {
  const findings: ProofFinding[] = [];
  const say = (es: string, en: string) => findings.push({ rule: "spec", detail: { es, en } });
  const ids = spec.checks.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) {
    say(`la comprobación «${id}» está dos veces`, `the check "${id}" is there twice`);
  }
  if (!ids.includes(spec.starterFails)) {
    say(
      `starterFails nombra «${spec.starterFails}», que no es una comprobación`,
      `starterFails names "${spec.starterFails}", which is no check`,
    );
  }
  for (const [mistake, check] of Object.entries(spec.wrong)) {
    if (!ids.includes(check)) {
      say(
        `wrong/${mistake} declara «${check}», que no es una comprobación`,
        `wrong/${mistake} declares "${check}", which is no check`,
      );
    }
    if (wrong[mistake] === undefined) {
      say(`falta el fichero de wrong/${mistake}`, `the file of wrong/${mistake} is missing`);
    }
  }
  for (const mistake of Object.keys(wrong)) {
    if (spec.wrong[mistake] === undefined) {
      say(`wrong/${mistake} no está en exercise.ts`, `wrong/${mistake} is not in exercise.ts`);
    }
  }
  const seeds = new Set((spec.hidden ?? []).map(({ seed }) => seed));
  seeds.delete(VISIBLE_SEED);
  if (hasHiddenData(spec) && seeds.size < 2) {
    say(
      `hacen falta dos semillas ocultas distintas de la visible; hay ${seeds.size}`,
      `two hidden seeds other than the visible one are needed; there are ${seeds.size}`,
    );
  }
  if (hasHiddenData(spec) && spec.inputs !== undefined && (spec.edges ?? []).length === 0) {
    say(
      "falta al menos un caso límite (empty, one-row, all-null)",
      "at least one edge case is needed (empty, one-row, all-null)",
    );
  }
  return findings;
}

/** Every check and every mistake has its text in both languages, and no text stands for nothing. */
export function textFindings({ spec }: ProvableExercise, texts: TaskIds): ProofFinding[] {
  const checks = spec.checks.map(({ id }) => id);
  const mistakes = Object.keys(spec.wrong);
  return LANGS.flatMap((lang) => [
    ...unmatched("checks-have-texts", `task.${lang}.md`, "check", checks, texts[lang].checks),
    ...unmatched("mistakes-have-texts", `task.${lang}.md`, "mistake", mistakes, texts[lang].mistakes),
  ]);
}

function unmatched(
  rule: "checks-have-texts" | "mistakes-have-texts",
  file: string,
  heading: string,
  declared: readonly string[],
  written: readonly string[],
): ProofFinding[] {
  return [
    ...declared
      .filter((id) => !written.includes(id))
      .map((id) => ({
        rule,
        detail: {
          es: `${file}: falta «## ${heading} ${id}»`,
          en: `${file}: "## ${heading} ${id}" is missing`,
        },
      })),
    ...written
      .filter((id) => !declared.includes(id))
      .map((id) => ({
        rule,
        detail: {
          es: `${file}: «## ${heading} ${id}» no corresponde a nada de exercise.ts`,
          en: `${file}: "## ${heading} ${id}" stands for nothing in exercise.ts`,
        },
      })),
  ];
}

/** How many variants there are, and whether the right ones differ in method. Kind answers has one method only. */
export async function variantFindings(exercise: ProvableExercise): Promise<ProofFinding[]> {
  const findings: ProofFinding[] = [];
  const wrong = Object.keys(exercise.wrong).length;
  if (wrong < 3) {
    findings.push({
      rule: "three-wrong",
      detail: {
        es: `hay ${wrong} respuestas erróneas; hacen falta 3`,
        en: `there are ${wrong} wrong answers; 3 are needed`,
      },
    });
  }
  if (exercise.spec.kind === "answers") return findings;
  const right = Object.entries(exercise.right);
  if (right.length < 2) {
    findings.push({
      rule: "two-right",
      detail: {
        es: `hay ${right.length} variantes correctas; hacen falta 2`,
        en: `there are ${right.length} right variants; 2 are needed`,
      },
    });
  }
  const seen = new Map([[await normalForm(exercise.spec.kind, exercise.solution), "solution"]]);
  for (const [name, files] of right) {
    const form = await normalForm(exercise.spec.kind, files);
    const twin = seen.get(form);
    if (twin === undefined) seen.set(form, `right/${name}`);
    else {
      findings.push({
        rule: "right-differ-in-method",
        variant: `right/${name}`,
        detail: {
          es: `es ${twin} con otros nombres o espacios: no es otro método`,
          en: `it is ${twin} with other names or spaces: no other method`,
        },
      });
    }
  }
  return findings;
}

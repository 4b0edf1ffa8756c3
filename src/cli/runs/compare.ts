import { UserError } from "../../core/errors.ts";
import { formatNumber } from "../../core/numbers.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import { verbatim } from "../../core/text.ts";
import type { Run } from "../../services/tracking/client.ts";
import type { CliContext } from "../context.ts";
import { runTexts } from "../texts/runs.ts";
import { renderTable } from "../ui/table.ts";
import { localMinute, runAsJson, secondsOf } from "./list.ts";
import { findRun, shortId, type TrackingSession } from "./tracking-session.ts";

interface Compared {
  readonly kind: "param" | "metric";
  readonly key: string;
  /** One for each run; undefined where it has none. */
  readonly values: readonly (string | number | undefined)[];
  readonly isSame: boolean;
}

/** `taller runs compare RUN RUN…`: params and metrics side by side, and where they differ. */
export async function compareRuns(
  context: CliContext,
  session: TrackingSession,
  references: readonly string[],
): Promise<number> {
  if (references.length < 2) {
    throw new UserError({
      fault: "usage",
      code: "two-runs",
      what: {
        es: "¿Qué ejecuciones comparo? Hacen falta dos.",
        en: "Which runs shall I compare? It takes two.",
      },
      next: [verbatim("taller runs"), verbatim("taller runs compare ID ID")],
    });
  }
  const runs: Run[] = [];
  for (const reference of references) runs.push(await findRun(session, reference));
  context.idle();
  const compared = [...compareKind("param", runs), ...compareKind("metric", runs)];
  if (context.isJson) {
    context.result({
      uri: session.client.uri,
      runs: runs.map((run) => runAsJson(run, session)),
      compared: compared.map(({ values, ...rest }) => ({
        ...rest,
        values: values.map((value) => value ?? null),
      })),
    });
    return 0;
  }
  print(context, runs, compared);
  return 0;
}

function compareKind(kind: "param" | "metric", runs: readonly Run[]): readonly Compared[] {
  const lists = runs.map(
    ({ data }) =>
      new Map<string, string | number>(
        (kind === "param" ? data.params : data.metrics).map(({ key, value }) => [key, value]),
      ),
  );
  const keys = new Set(lists.flatMap((list) => [...list.keys()]));
  return [...keys].sort().map((key) => {
    const values = lists.map((list) => list.get(key));
    return { kind, key, values, isSame: values.every((value) => Object.is(value, values[0])) };
  });
}

function print(context: CliContext, runs: readonly Run[], compared: readonly Compared[]): void {
  const { lang } = context;
  const look = context.screen.look();
  const words = runTexts.compare[lang];
  const columns = runTexts.columns[lang];
  const names = runs.map(({ info }) => `${info.run_name} ${shortId(info.run_id)}`);
  const mark = look.isUnicode && !look.isPlain ? "≠" : "!=";
  const rows: (readonly (string | undefined)[])[] = [
    [columns.status, ...runs.map(({ info }) => runTexts.statuses[info.status][lang]), ""],
    [columns.started, ...runs.map(({ info }) => localMinute(info.start_time)), ""],
    [columns.seconds, ...runs.map((run) => shown(secondsOf(run), lang)), ""],
    ...compared.map((one) => [
      `${words[one.kind]} ${one.key}`,
      ...one.values.map((value) => shown(value, lang)),
      difference(one, mark, lang),
    ]),
  ];
  // Names may be the same, so the columns go by their place.
  const heads = [words.what, ...names, words.difference];
  const free = heads.map((head, index) => (heads.indexOf(head) === index ? head : `${head} (${index})`));
  const fields = fieldsOf(Object.fromEntries(free.map((head) => [head, { kind: "string" as const }])));
  const table = tableFromRows(
    fields,
    rows.map((row) => Object.fromEntries(free.map((head, index) => [head, row[index] ?? null]))),
  );
  context.print(renderTable(table, look, { maxRows: rows.length, hasRowCount: false }));
}

function shown(value: string | number | undefined, lang: "es" | "en"): string | undefined {
  return typeof value === "number" ? formatNumber(value, lang) : value;
}

/** For two numbers, how much the second is above the first; else only that they differ. */
function difference({ values, isSame }: Compared, mark: string, lang: "es" | "en"): string {
  if (isSame) return "";
  const [first, second] = values;
  if (values.length !== 2 || typeof first !== "number" || typeof second !== "number") return mark;
  const by = second - first;
  return Number.isNaN(by) ? mark : `${by > 0 ? "+" : ""}${formatNumber(by, lang)}`;
}

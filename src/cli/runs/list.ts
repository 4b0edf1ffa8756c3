import type { DataType, Row, Table } from "../../core/table.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import type { Lang } from "../../core/text.ts";
import type { Run } from "../../services/tracking/client.ts";
import type { CommandInput } from "../command-table.ts";
import { integerOption, listOption, textOption } from "../commands/options.ts";
import type { CliContext } from "../context.ts";
import { runTexts } from "../texts/runs.ts";
import { renderTable } from "../ui/table.ts";
import { shortId, type TrackingSession } from "./tracking-session.ts";

/** Metrics and params that become columns, of each; what does not fit the terminal is named below the table. */
const MAX_COLUMNS = 40;

/** `taller runs [experiment]`: the runs, newest first, a line each. */
export async function listRuns(
  context: CliContext,
  session: TrackingSession,
  input: CommandInput,
): Promise<number> {
  const maxResults = integerOption(input, "max", { min: 1 }) ?? 20;
  const filter = textOption(input, "filter");
  const page = await session.client.searchRuns([...session.experiments.keys()], {
    filter,
    orderBy: listOption(input, "order"),
    maxResults,
  });
  context.idle();
  const { lang } = context;
  if (context.isJson) {
    context.result({
      uri: session.client.uri,
      runs: page.items.map((run) => runAsJson(run, session)),
      isComplete: page.nextPageToken === undefined,
    });
    return 0;
  }
  if (page.items.length === 0) {
    context.print(runTexts[filter === undefined ? "none" : "noneMatches"][lang]);
  } else {
    context.print(
      renderTable(
        runTable(page.items, session, { lang, nowMs: context.clock.now() }),
        context.screen.look(),
        { maxRows: maxResults },
      ),
    );
    if (page.nextPageToken !== undefined) context.print(runTexts.more[lang](page.items.length));
    for (const hint of runTexts.hints[lang]) context.print(`  ${hint}`);
  }
  if (session.isPartial) context.note(runTexts.onlyTaller);
  return 0;
}

/** One run, for programs: times in ISO, a metric that is no number is null. */
export function runAsJson(run: Run, session: TrackingSession): Record<string, unknown> {
  const { info, data } = run;
  return {
    id: info.run_id,
    name: info.run_name,
    experiment: session.experiments.get(info.experiment_id)?.name ?? info.experiment_id,
    status: info.status,
    started: new Date(info.start_time).toISOString(),
    ended: info.end_time === undefined ? null : new Date(info.end_time).toISOString(),
    seconds: secondsOf(run) ?? null,
    metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, value])),
    params: Object.fromEntries(data.params.map(({ key, value }) => [key, value])),
    tags: Object.fromEntries(data.tags.map(({ key, value }) => [key, value])),
  };
}

function runTable(
  runs: readonly Run[],
  session: TrackingSession,
  { lang, nowMs }: { readonly lang: Lang; readonly nowMs: number },
): Table {
  const words = runTexts.columns[lang];
  const columns = new Map<string, { type: DataType; cell: (run: Run) => Row[string] | undefined }>();
  const add = (
    name: string,
    type: DataType["kind"] & ("string" | "float64"),
    cell: (run: Run) => Row[string] | undefined,
  ) => {
    // A param may have a metric's name.
    let free = name;
    while (columns.has(free)) free += "'";
    columns.set(free, { type: { kind: type }, cell });
  };
  add(words.run, "string", ({ info }) => info.run_name);
  add(words.id, "string", ({ info }) => shortId(info.run_id));
  if (session.experiments.size > 1) {
    add(
      words.experiment,
      "string",
      ({ info }) => session.experiments.get(info.experiment_id)?.name ?? info.experiment_id,
    );
  }
  add(words.status, "string", ({ info }) => runTexts.statuses[info.status][lang]);
  for (const key of keysOf(runs.map(({ data }) => data.metrics))) {
    add(key, "float64", ({ data }) => data.metrics.find((metric) => metric.key === key)?.value);
  }
  for (const key of keysOf(runs.map(({ data }) => data.params))) {
    add(key, "string", ({ data }) => data.params.find((param) => param.key === key)?.value);
  }
  add(words.started, "string", ({ info }) => localShort(info.start_time, nowMs));
  const types = Object.fromEntries([...columns].map(([name, { type }]) => [name, type]));
  const rows = runs.map(
    (run): Row => Object.fromEntries([...columns].map(([name, { cell }]) => [name, cell(run) ?? null])),
  );
  return tableFromRows(fieldsOf(types), rows);
}

/** The keys of all lists, those that most have first. */
function keysOf(lists: readonly (readonly { readonly key: string }[])[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const list of lists) for (const { key } of list) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_COLUMNS)
    .map(([key]) => key);
}

export function secondsOf({ info }: Run): number | undefined {
  return info.end_time === undefined ? undefined : Math.max(0, info.end_time - info.start_time) / 1000;
}

/** The time of what began today, else the day: short, so that a narrow terminal need not cut it. */
function localShort(timeMs: number, nowMs: number): string {
  const [day = "", minute = ""] = localMinute(timeMs).split(" ");
  return localMinute(nowMs).startsWith(day) ? minute : day;
}

/** `2026-11-26 07:41`, by this machine's clock. */
export function localMinute(timeMs: number): string {
  const date = new Date(timeMs);
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

import { UserError } from "../../core/errors.ts";
import type { Chart } from "../../core/events.ts";
import { verbatim } from "../../core/text.ts";
import { nearest } from "../../course/ids.ts";
import type { Metric, Run } from "../../services/tracking/client.ts";
import { allPages } from "../../services/tracking/search.ts";
import type { CommandInput } from "../command-table.ts";
import { integerOption, listOption } from "../commands/options.ts";
import type { CliContext } from "../context.ts";
import { runTexts } from "../texts/runs.ts";
import { renderChart } from "../ui/chart.ts";
import { findRun, shortId, type TrackingSession } from "./tracking-session.ts";

/** Lines that can still be told apart, and bars. */
const MAX_LINES = 6;
const MAX_BARS = 20;
/** Runs that are looked through for the metric, the newest first. */
const MAX_SEARCHED = 1_000;

interface Series {
  readonly run: Run;
  readonly points: readonly Metric[];
}

/** `taller runs chart METRIC`: over its steps a line for each run; of runs with one value each, bars. */
export async function chartMetric(
  context: CliContext,
  session: TrackingSession,
  input: CommandInput & { readonly metric: string | undefined },
): Promise<number> {
  const { metric } = input;
  if (metric === undefined) throw noMetric(undefined, []);
  const named = listOption(input, "run");
  const runs =
    named.length > 0 ? await inOrder(named, (one) => findRun(session, one)) : await newestRuns(session);
  const having = runs.filter(({ data }) => data.metrics.some(({ key }) => key === metric));
  if (having.length === 0) throw noMetric(metric, runs);
  const max = integerOption(input, "max", { min: 1 }) ?? MAX_BARS;
  const series = await inOrder(having.slice(0, max), async (run) => ({
    run,
    points: await history(session, run.info.run_id, metric),
  }));
  context.idle();
  const hasSteps = series.some(({ points }) => new Set(points.map(({ step }) => step)).size > 1);
  const drawn = hasSteps && named.length === 0 ? series.slice(0, MAX_LINES) : series;
  if (context.isJson) {
    context.result({
      uri: session.client.uri,
      metric,
      series: series.map(({ run, points }) => ({
        id: run.info.run_id,
        name: run.info.run_name,
        points: points.map(({ step, timestamp, value }) => ({ step, timestamp, value })),
      })),
    });
    return 0;
  }
  const chart = hasSteps ? lines(metric, drawn) : bars(metric, drawn);
  context.print(renderChart(chart, context.screen.look()));
  if (drawn.length < having.length)
    context.print(runTexts.someRuns[context.lang](drawn.length, having.length));
  return 0;
}

async function newestRuns(session: TrackingSession): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for await (const run of session.client.allRuns([...session.experiments.keys()], { maxResults: 200 })) {
    runs.push(run);
    if (runs.length >= MAX_SEARCHED) break;
  }
  return runs;
}

async function history(session: TrackingSession, runId: string, metric: string): Promise<readonly Metric[]> {
  const points: Metric[] = [];
  const page = (pageToken: string | undefined) =>
    session.client.getMetricHistory(runId, metric, { maxResults: 10_000, pageToken });
  for await (const point of allPages(page)) points.push(point);
  return points.sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
}

function lines(metric: string, series: readonly Series[]): Chart {
  return {
    kind: "line",
    title: verbatim(metric),
    xLabel: runTexts.step,
    yLabel: verbatim(metric),
    series: series.map(({ run, points }) => ({
      name: label(run),
      x: points.map(({ step }) => step),
      y: points.map(({ value }) => value),
    })),
  };
}

function bars(metric: string, series: readonly Series[]): Chart {
  return {
    kind: "bars",
    title: verbatim(metric),
    unit: verbatim(""),
    bars: series.map(({ run, points }) => ({ label: label(run), value: points.at(-1)?.value ?? Number.NaN })),
  };
}

function label({ info }: Run): string {
  return `${info.run_name} ${shortId(info.run_id)}`;
}

async function inOrder<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function noMetric(metric: string | undefined, runs: readonly Run[]): UserError {
  const keys = [...new Set(runs.flatMap(({ data }) => data.metrics.map(({ key }) => key)))];
  const near = metric === undefined ? undefined : nearest(metric, keys);
  return new UserError({
    fault: "usage",
    code: "no-such-metric",
    what:
      metric === undefined
        ? { es: "¿Qué métrica dibujo?", en: "Which metric shall I draw?" }
        : {
            es: `Ninguna de esas ejecuciones tiene la métrica «${metric}».`,
            en: `None of these runs has the metric "${metric}".`,
          },
    where: keys.length === 0 ? undefined : keys.slice(0, 12).join(", "),
    next: [verbatim(near === undefined ? "taller runs" : `taller runs chart ${near}`)],
  });
}

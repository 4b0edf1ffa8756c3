import { existsSync } from "node:fs";
import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import { nearest } from "../../course/ids.ts";
import { openServices } from "../../services/set/open-services.ts";
import { realAddress } from "../../services/set/real.ts";
import { serviceFolder } from "../../services/set/starters.ts";
import {
  type Experiment,
  openTracking,
  type Run,
  type TrackingClient,
} from "../../services/tracking/client.ts";
import { quoteValue } from "../../services/tracking/search.ts";
import type { CliContext } from "../context.ts";

/** A tracking server to read from, and the experiments that count. */
export interface TrackingSession {
  readonly client: TrackingClient;
  /** By id, in no order. On a real server only those under `taller/`, unless another was named. */
  readonly experiments: ReadonlyMap<string, Experiment>;
  /** True when others on the server were left out. */
  readonly isPartial: boolean;
  close(): void;
}

/**
 * Opens the server that TALLER_MLFLOW_URI names, or the workspace's embedded one; undefined when there is neither an
 * address nor anything that was ever logged here (then nothing is started). `named` is an experiment's name or id.
 */
export async function openTrackingSession(
  context: CliContext,
  named: string | undefined,
): Promise<TrackingSession | undefined> {
  const workspace = await context.workspaceFolder();
  const { env, signal, emit } = context;
  const isReal = realAddress("tracking", env) !== undefined;
  if (!isReal && !existsSync(serviceFolder(workspace, "tracking"))) return undefined;
  const services = await openServices({ workspace, names: ["tracking"], env, signal, emit });
  try {
    const client = openTracking({ uri: services.addresses.tracking.uri, signal });
    const isPartial = isReal && named === undefined;
    const experiments = await findExperiments(client, { named, isPartial });
    return { client, experiments, isPartial, close: () => services.close() };
  } catch (error) {
    services.close();
    throw error;
  }
}

async function findExperiments(
  client: TrackingClient,
  { named, isPartial }: { named: string | undefined; isPartial: boolean },
): Promise<Map<string, Experiment>> {
  const all: Experiment[] = [];
  let pageToken: string | undefined;
  do {
    const filter = isPartial ? "name LIKE 'taller/%'" : undefined;
    const page = await client.searchExperiments({ filter, pageToken });
    all.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && pageToken !== "");
  const wanted =
    named === undefined
      ? all
      : all.filter(
          ({ name, experiment_id }) => [name, experiment_id].includes(named) || name === `taller/${named}`,
        );
  if (named !== undefined && wanted.length === 0) throw noExperiment(named, all);
  return new Map(wanted.map((experiment) => [experiment.experiment_id, experiment]));
}

function noExperiment(named: string, all: readonly Experiment[]): UserError {
  const near = nearest(
    named,
    all.map(({ name }) => name.replace(/^taller\//, "")),
  );
  return new UserError({
    fault: "usage",
    code: "no-such-experiment",
    what: { es: `No hay ningún experimento «${named}».`, en: `There is no experiment "${named}".` },
    next: [...(near === undefined ? [] : [verbatim(`taller runs "${near}"`)]), verbatim("taller runs")],
  });
}

/** A run by its id, the beginning of it, or its name. Throws a usage error when there is none, or several. */
export async function findRun(session: TrackingSession, reference: string): Promise<Run> {
  const ids = [...session.experiments.keys()];
  const isIdLike = /^[0-9a-f]{4,32}$/.test(reference);
  // MLflow's filters have no way to write a text with both kinds of quotes.
  const isQuotable = !(reference.includes("'") && reference.includes('"'));
  const byName = isQuotable
    ? await session.client.searchRuns(ids, { filter: `run_name = ${quoteValue(reference)}`, maxResults: 6 })
    : { items: [] };
  const byId = isIdLike
    ? await session.client.searchRuns(ids, { filter: `run_id LIKE '${reference}%'`, maxResults: 6 })
    : { items: [] };
  const found = [...new Map([...byId.items, ...byName.items].map((run) => [run.info.run_id, run])).values()];
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  throw new UserError({
    fault: "usage",
    code: only === undefined ? "no-such-run" : "several-runs",
    what:
      only === undefined
        ? { es: `No hay ninguna ejecución «${reference}».`, en: `There is no run "${reference}".` }
        : {
            es: `«${reference}» son varias ejecuciones: elige una por su id.`,
            en: `"${reference}" is several runs: choose one by its id.`,
          },
    next:
      only === undefined
        ? [verbatim("taller runs")]
        : found.map(({ info }) => verbatim(`${shortId(info.run_id)}  ${info.run_name}`)),
  });
}

/** As much of an id as people type. */
export function shortId(runId: string): string {
  return runId.slice(0, 8);
}

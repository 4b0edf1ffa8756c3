import { MlflowError } from "../mlflow-error.ts";
import { applyEvent, type CatalogueState, emptyCatalogue, eventsOf } from "./catalogue-state.ts";
import { type CatalogueEvent, eventSchema } from "./events.ts";
import { openLineLog } from "./line-log.ts";

/**
 * Experiments, runs (without metrics) and models: a log of events on the disk and what they amount to in memory. Why a
 * log and not a file per entity: a change is one append and one sync however large the entity is, changes keep
 * their order, and a kill can only tear the last line.
 */
export interface Catalogue {
  readonly state: CatalogueState;
  /**
   * Decides on the present state what is to happen, writes it down, and lets it happen: `decide` sees nothing that is
   * not on the disk, and no other change comes in between. It throws to refuse.
   */
  change<T>(decide: (state: CatalogueState) => Change<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Change<T> {
  readonly events: readonly CatalogueEvent[];
  /** Called once the events are durable and in the state. */
  readonly result: () => T;
}

/** Opens `path` or makes it; a log of which little still counts is rewritten. */
export async function openCatalogue(path: string): Promise<Catalogue> {
  const state = emptyCatalogue();
  const log = await openLineLog(path, (line) => {
    applyEvent(state, eventSchema.parse(JSON.parse(line)));
  });
  const needed = [...eventsOf(state)].length;
  if (log.sizeBytes > REWRITE_BYTES && log.lineCount > 2 * needed) {
    await log.rewrite(linesOf(eventsOf(state)));
  }

  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const change = async <T>(decide: (state: CatalogueState) => Change<T>): Promise<T> => {
    const { events, result } = decide(state);
    if (events.length > 0) {
      await log.append([...linesOf(events)]);
      for (const event of events) applyEvent(state, event);
    }
    return result();
  };
  return {
    state,
    change: (decide) => {
      if (isClosed)
        return Promise.reject(new MlflowError("TEMPORARILY_UNAVAILABLE", "The server is ending."));
      const mine = last.then(() => change(decide));
      last = mine.catch(() => {});
      return mine;
    },
    close: async () => {
      isClosed = true;
      await last;
      await log.close();
    },
  };
}

const REWRITE_BYTES = 4 << 20;

function* linesOf(events: Iterable<CatalogueEvent>): Generator<string> {
  for (const event of events) yield JSON.stringify(event);
}

import { z } from "zod";
import type { StateLog } from "../state-log.ts";

const BLOCK = 1_000;
const KEY = "producer-ids";

/** Producer ids that are never given twice. They are reserved in blocks, so that most cost no write. */
export class ProducerIds {
  readonly #state: StateLog;
  #next: number;
  #reserved: number;

  constructor(state: StateLog) {
    this.#state = state;
    const stored = state.entries().find(([key]) => key === KEY)?.[1];
    this.#next = stored === undefined ? 0 : z.number().parse(stored);
    this.#reserved = this.#next;
  }

  next(): number {
    if (this.#next === this.#reserved) {
      this.#reserved += BLOCK;
      this.#state.put([[KEY, this.#reserved]]);
    }
    return this.#next++;
  }
}

import { syncFolder } from "../../../../core/atomic-file.ts";

/**
 * Makes renames and removals in a folder durable, many at once: whoever asks while a sync runs shares the next one,
 * which begins after their change.
 */
export class FolderSync {
  readonly #path: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when every change that was made before the call is on the disk. */
  sync(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    const running = this.#running;
    this.#next ??= running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const mine = syncFolder(this.#path).finally(() => {
      if (this.#running === mine) this.#running = undefined;
    });
    this.#running = mine;
    return mine;
  }
}

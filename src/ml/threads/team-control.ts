/** What one thread of a team does: `step` runs one numbered operation on this thread's part of the shared memory. */
export interface Kernel {
  step(operation: number): void;
  /** What this thread has made and that no shared memory holds; plain data. */
  result?(): unknown;
}

/** The thread's place in its team: 0 is the one that asked. */
export interface Place {
  readonly thread: number;
  readonly threads: number;
}

/** Operations of the team itself; a kernel's are not negative. */
export const COLLECT = -1;
export const CLOSE = -2;

const SEQUENCE = 0;
const OPERATION = 1;
const DONE = 2;
const FAILED = 3;
/** Rounds of looking before a thread sleeps: some 20 µs, less than a wake-up costs. */
const SPINS = 2_000;
/** A thread that is silent for so long is taken for dead. */
const SILENCE_MS = 120_000;

/** The board on which the first thread writes what to do and the others that they have done it. */
export class TeamControl {
  private readonly board: Int32Array;

  constructor(board: Int32Array) {
    this.board = board;
  }

  static memory(): Int32Array<SharedArrayBuffer> {
    return new Int32Array(new SharedArrayBuffer(16));
  }

  /** First thread: lets the others begin. */
  announce(operation: number): void {
    Atomics.store(this.board, OPERATION, operation);
    Atomics.store(this.board, DONE, 0);
    Atomics.add(this.board, SEQUENCE, 1);
    Atomics.notify(this.board, SEQUENCE);
  }

  /** First thread: blocks until so many others have reported; throws when one has failed or says nothing. */
  awaitOthers(count: number): void {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(this.board, DONE) === count) break;
    for (;;) {
      const done = Atomics.load(this.board, DONE);
      if (done === count) break;
      if (Atomics.wait(this.board, DONE, done, SILENCE_MS) === "timed-out")
        throw new Error(`a thread has said nothing for ${SILENCE_MS / 1000} s`);
    }
    if (Atomics.load(this.board, FAILED) !== 0) throw new Error("a thread of the team has failed");
  }

  /** Other threads: blocks until operation number `seen` + 1 is announced, and gives it. */
  awaitOperation(seen: number): number {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(this.board, SEQUENCE) !== seen) break;
    while (Atomics.load(this.board, SEQUENCE) === seen) Atomics.wait(this.board, SEQUENCE, seen);
    return Atomics.load(this.board, OPERATION);
  }

  /** Other threads. */
  report(hasFailed: boolean): void {
    if (hasFailed) Atomics.store(this.board, FAILED, 1);
    Atomics.add(this.board, DONE, 1);
    Atomics.notify(this.board, DONE);
  }
}

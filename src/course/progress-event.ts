import { randomBytes } from "node:crypto";
import { z } from "zod";

const head = {
  /** Unique; those of one process sort in the order in which they were made. */
  id: z.string().min(1).max(64),
  /** Milliseconds since 1970. */
  time: z.number(),
  machine: z.string().max(64),
};
const ofExercise = {
  ...head,
  /** `etl/clean` */
  exercise: z.string().max(200),
  version: z.int().min(1),
};

/** One line of the log. */
export const progressEvent = z.discriminatedUnion("kind", [
  z.object({ ...head, kind: z.literal("step"), lesson: z.string().max(100), step: z.string().max(200) }),
  z.object({
    ...head,
    kind: z.literal("quiz"),
    lesson: z.string().max(100),
    quiz: z.string().max(200),
    answer: z.string().max(300),
    isRight: z.boolean(),
  }),
  z.object({ ...ofExercise, kind: z.literal("hint"), level: z.int().min(1).max(3) }),
  z.object({
    ...ofExercise,
    kind: z.literal("attempt"),
    /** The first check that failed, and the mistake that was recognised. */
    failed: z.string().max(200).optional(),
    mistake: z.string().max(200).optional(),
  }),
  z.object({ ...ofExercise, kind: z.literal("pass") }),
  z.object({ ...ofExercise, kind: z.literal("reveal") }),
  z.object({ ...ofExercise, kind: z.literal("reset") }),
]);

export type ProgressEvent = z.output<typeof progressEvent>;
/** An event as its maker gives it; the store adds id, time and machine. */
export type NewProgressEvent = WithoutHead<ProgressEvent>;
type WithoutHead<E> = E extends unknown ? Omit<E, "id" | "time" | "machine"> : never;

/** A line that was read: its id and time hold even for a kind of event that a later version has made. */
export interface LogLine {
  readonly id: string;
  readonly time: number;
  readonly text: string;
  readonly event: ProgressEvent | undefined;
}

/** The lines of a log, each id once, in the order (time, id). Torn and foreign lines are left out. */
export function readLog(text: string): LogLine[] {
  const lines = new Map<string, LogLine>();
  for (const raw of text.split("\n")) {
    const line = readLine(raw.trim());
    if (line !== undefined && !lines.has(line.id)) lines.set(line.id, line);
  }
  return [...lines.values()].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
}

/** What every line begins with: it tells where a whole line starts behind a torn one. */
const START = '{"id":';

function readLine(raw: string): LogLine | undefined {
  if (raw === "") return undefined;
  const head = lineHead.safeParse(parseJson(raw));
  if (head.success) return { ...head.data, text: raw, event: progressEvent.safeParse(JSON.parse(raw)).data };
  const again = raw.lastIndexOf(START);
  return again > 0 ? readLine(raw.slice(again)) : undefined;
}

const lineHead = z.object({ id: head.id, time: head.time });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A new event's line, below 4 kB, so that it is one write that does not mix with another process's. */
export function newLine(event: NewProgressEvent, made: { time: number; machine: string }): LogLine {
  const whole = { id: nextId(made.time), ...made, ...cut(event) };
  const text = JSON.stringify(whole);
  if (Buffer.byteLength(text) >= 4_000) throw new RangeError("an event of progress is longer than 4 kB");
  return { id: whole.id, time: made.time, text, event: progressEvent.parse(whole) };
}

/** A learner may answer a quiz with a novel. */
function cut(event: NewProgressEvent): NewProgressEvent {
  return event.kind === "quiz" ? { ...event, answer: event.answer.slice(0, 200) } : event;
}

let lastMs = 0;
let sequence = 0;

/** Time, a number within the millisecond, and 60 random bits. */
function nextId(time: number): string {
  sequence = time === lastMs ? sequence + 1 : 0;
  lastMs = time;
  const when = Math.max(0, Math.floor(time)).toString(36).padStart(9, "0");
  return `${when}-${sequence.toString(36).padStart(4, "0")}-${randomBytes(8).toString("hex").slice(0, 15)}`;
}

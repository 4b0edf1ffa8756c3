import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { systemCode } from "../../../core/errors.ts";
import type { Flusher } from "./flusher.ts";
import type { OpenFiles } from "./log/open-files.ts";
import { PartitionLog } from "./log/partition-log.ts";
import { StateLog } from "./state-log.ts";
import { logSettingsOf, type TopicConfig } from "./topic-settings.ts";

const topicSchema = z.object({
  id: z.string(),
  partitions: z.number(),
  config: z.record(z.string(), z.string()),
  /** First offsets that readers may see, by partition, where records were deleted. */
  starts: z.record(z.string(), z.number()),
});

export interface Topic {
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly partitions: number;
  readonly config: TopicConfig;
}

type StoredTopic = z.infer<typeof topicSchema>;

/** Kafka's rule for names: letters, digits, dot, underscore, hyphen; at most 249; not `.` or `..`. */
export function isTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== "." && name !== "..";
}

/** The topics of a broker with their settings and logs. A log is opened when it is first asked for. */
export class Topics {
  readonly #folder: string;
  readonly #state: StateLog;
  readonly #files: OpenFiles;
  readonly #flusher: Flusher;
  readonly #byName = new Map<string, Topic>();
  readonly #nameById = new Map<string, string>();
  readonly #starts = new Map<string, Record<string, number>>();
  readonly #logs = new Map<string, (PartitionLog | undefined)[]>();
  readonly #onCut: (what: { topic: string; partition: number; bytes: number }) => void;

  constructor(input: {
    readonly folder: string;
    readonly files: OpenFiles;
    readonly flusher: Flusher;
    readonly onCut: (what: { topic: string; partition: number; bytes: number }) => void;
  }) {
    this.#folder = join(input.folder, "topics");
    this.#files = input.files;
    this.#flusher = input.flusher;
    this.#onCut = input.onCut;
    mkdirSync(this.#folder, { recursive: true });
    this.#state = new StateLog(join(input.folder, "topics.state"));
    for (const [name, value] of this.#state.entries()) this.#remember(name, topicSchema.parse(value));
    this.#removeStrays();
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    const name = this.#nameById.get(id);
    return name === undefined ? undefined : this.#byName.get(name);
  }

  all(): Topic[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes a topic whose name is free. */
  create(name: string, partitions: number, config: TopicConfig): Topic {
    const id = randomBytes(16).toString("hex");
    return this.#save(name, { id, partitions, config: { ...config }, starts: {} });
  }

  addPartitions(topic: Topic, partitions: number): void {
    this.#save(topic.name, { ...this.#stored(topic), partitions });
  }

  configure(topic: Topic, config: TopicConfig): void {
    this.#save(topic.name, { ...this.#stored(topic), config: { ...config } });
    for (const log of this.#logs.get(topic.name) ?? [])
      if (log !== undefined) log.settings = logSettingsOf(config);
  }

  delete(topic: Topic): void {
    const logs = this.#logs.get(topic.name) ?? [];
    this.#logs.delete(topic.name);
    // The records first: on a full disk that makes room for the note that they are gone.
    for (const log of logs) log?.remove();
    rmSync(join(this.#folder, folderOf(topic)), { recursive: true, force: true });
    this.#state.put([[topic.name, undefined]]);
    this.#flusher.wrote(this.#state.path);
    this.#byName.delete(topic.name);
    this.#nameById.delete(topic.id);
    this.#starts.delete(topic.name);
  }

  /** A partition's log, or undefined when there is no such partition. */
  log(name: string, partition: number): PartitionLog | undefined {
    const opened = this.#logs.get(name)?.[partition];
    if (opened !== undefined) return opened;
    const topic = this.#byName.get(name);
    if (topic === undefined || !(partition >= 0 && partition < topic.partitions)) return undefined;
    const log = PartitionLog.open({
      folder: join(this.#folder, folderOf(topic), String(partition)),
      files: this.#files,
      settings: logSettingsOf(topic.config),
      startOffset: this.#starts.get(name)?.[partition] ?? 0,
    });
    if (log.cutBytes > 0) this.#onCut({ topic: name, partition, bytes: log.cutBytes });
    const logs = this.#logs.get(name) ?? [];
    logs[partition] = log;
    this.#logs.set(name, logs);
    return log;
  }

  /** Deletes the records of a partition before an offset. */
  deleteRecords(topic: Topic, partition: number, log: PartitionLog, offset: number): void {
    log.deleteBefore(offset);
    const starts = { ...this.#starts.get(topic.name), [partition]: log.startOffset };
    this.#save(topic.name, { ...this.#stored(topic), starts });
  }

  applyRetention(nowMs: number): void {
    for (const topic of this.all())
      for (let partition = 0; partition < topic.partitions; partition++)
        if (this.#hasRecords(topic, partition)) this.log(topic.name, partition)?.applyRetention(nowMs);
  }

  close(): void {
    for (const logs of this.#logs.values())
      for (const log of logs) {
        try {
          log?.close();
        } catch (error) {
          // On a full disk what it writes is missing, and the next start reads the log instead.
          if (systemCode(error) === undefined) throw error;
        }
      }
    this.#state.close();
  }

  #hasRecords(topic: Topic, partition: number): boolean {
    return (
      this.#logs.get(topic.name)?.[partition] !== undefined ||
      existsSync(join(this.#folder, folderOf(topic), String(partition)))
    );
  }

  #stored(topic: Topic): StoredTopic {
    const { id, partitions, config } = topic;
    return { id, partitions, config: { ...config }, starts: this.#starts.get(topic.name) ?? {} };
  }

  #save(name: string, stored: StoredTopic): Topic {
    this.#state.put([[name, stored]]);
    this.#flusher.wrote(this.#state.path);
    return this.#remember(name, stored);
  }

  #remember(name: string, { id, partitions, config, starts }: StoredTopic): Topic {
    const topic = { name, id, partitions, config };
    this.#byName.set(name, topic);
    this.#nameById.set(id, name);
    this.#starts.set(name, starts);
    return topic;
  }

  /** Folders of topics whose deletion was cut short. */
  #removeStrays(): void {
    const wanted = new Set(this.all().map(folderOf));
    for (const name of readdirSync(this.#folder))
      if (!wanted.has(name)) rmSync(join(this.#folder, name), { recursive: true, force: true });
  }
}

/** With a part of the id: names that differ only in case are two folders on every system. */
function folderOf({ name, id }: Topic): string {
  return `${name.slice(0, 200)}.${id.slice(0, 12)}`;
}

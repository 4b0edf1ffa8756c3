import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";
import type { StateSlots } from "../state/slots.ts";
import { unreadable } from "./metadata-log.ts";
import { applySlots, encodeSlots } from "./state-file.ts";

/** How often a whole snapshot is written, and how many versions can be gone back to. Spark's defaults. */
export interface StateRetention {
  readonly deltasPerSnapshot: number;
  readonly minBatchesToRetain: number;
}

/**
 * A state store's versions in a folder: `<version>.delta` with each batch's changes, now and then a
 * `<version>.snapshot` with everything. Version N is the state that batch N starts from.
 * [HDFSBackedStateStoreProvider.scala]
 */
export class StateStoreFolder {
  private readonly folder: string;
  private readonly slots: StateSlots;
  private readonly retention: StateRetention;
  private readonly isFlushed: boolean;
  private sinceSnapshot = 0;

  constructor(
    folder: string,
    slots: StateSlots,
    retention: StateRetention & { readonly isFlushed?: boolean },
  ) {
    this.folder = folder;
    this.isFlushed = retention.isFlushed ?? true;
    this.slots = slots;
    this.retention = retention;
  }

  /**
   * Fills the empty slots with a version. Later versions are of a batch that will run again, and with other slot
   * numbers: they are removed, so that a later load can't mix them in.
   */
  async load(version: number): Promise<void> {
    const files = await this.files();
    for (const file of files)
      if (file.version > version) await rm(join(this.folder, file.name), { force: true });
    if (version === 0) return;
    const snapshot = Math.max(
      0,
      ...files.filter((f) => f.isSnapshot && f.version <= version).map((f) => f.version),
    );
    const paths = snapshot === 0 ? [] : [join(this.folder, `${snapshot}.snapshot`)];
    for (let delta = snapshot + 1; delta <= version; delta++) paths.push(join(this.folder, `${delta}.delta`));
    for (const path of paths) {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(path);
      } catch (error) {
        if (systemCode(error) === "ENOENT")
          throw unreadable(path, "this part of the state is missing", error);
        throw error;
      }
      applySlots(this.slots, bytes, path);
    }
    this.slots.restored();
    this.slots.clearChanges();
    this.sinceSnapshot = version - snapshot;
  }

  /** Writes what has changed as this version, and a snapshot when it is time; clears away what no restart needs. */
  async save(version: number): Promise<void> {
    const { puts, removes } = this.slots.changes();
    const { isFlushed } = this;
    const delta = encodeSlots(this.slots, puts, removes);
    await writeFileAtomic(join(this.folder, `${version}.delta`), delta, { isFlushed });
    this.slots.clearChanges();
    this.sinceSnapshot++;
    if (this.sinceSnapshot < this.retention.deltasPerSnapshot) return;
    const all = encodeSlots(this.slots, this.slots.live(), new Int32Array(0));
    await writeFileAtomic(join(this.folder, `${version}.snapshot`), all, { isFlushed });
    this.sinceSnapshot = 0;
    await this.cleanUp(version - this.retention.minBatchesToRetain);
  }

  /** Removes what is only needed for versions before the oldest to keep. */
  private async cleanUp(oldest: number): Promise<void> {
    if (oldest <= 0) return;
    const files = await this.files();
    const base = Math.max(
      0,
      ...files.filter((f) => f.isSnapshot && f.version <= oldest).map((f) => f.version),
    );
    for (const file of files) {
      const isNeeded = file.isSnapshot ? file.version >= base : file.version > base;
      if (!isNeeded) await rm(join(this.folder, file.name), { force: true });
    }
  }

  private async files(): Promise<{ name: string; version: number; isSnapshot: boolean }[]> {
    let names: string[];
    try {
      names = await readdir(this.folder);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    }
    return names.flatMap((name) => {
      const match = /^(\d+)\.(delta|snapshot)$/.exec(name);
      return match === null ? [] : [{ name, version: Number(match[1]), isSnapshot: match[2] === "snapshot" }];
    });
  }
}

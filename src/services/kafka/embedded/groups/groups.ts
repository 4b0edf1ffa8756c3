import { ErrorCode } from "../../protocol/errors.ts";
import type { CommittedOffsets } from "./committed-offsets.ts";
import { Group } from "./group.ts";

/** The consumer groups of a broker: those with members, and those that have only committed offsets. */
export class Groups {
  readonly offsets: CommittedOffsets;
  readonly #byId = new Map<string, Group>();

  constructor(offsets: CommittedOffsets) {
    this.offsets = offsets;
  }

  get(id: string): Group | undefined {
    return this.#byId.get(id);
  }

  getOrMake(id: string): Group {
    let group = this.#byId.get(id);
    if (group === undefined) {
      group = new Group(id);
      this.#byId.set(id, group);
    }
    return group;
  }

  all(): Group[] {
    const ids = new Set([...this.#byId.keys(), ...this.offsets.groups()]);
    return [...ids].sort().map((id) => this.#byId.get(id) ?? new Group(id));
  }

  has(id: string): boolean {
    return this.#byId.has(id) || this.offsets.has(id);
  }

  /** Whether offsets may be stored in a group's name by who says to be this member. */
  mayCommit(
    id: string,
    by: { readonly memberId: string; readonly groupInstanceId: string | null; readonly generationId: number },
  ): number {
    const group = this.#byId.get(id);
    // Without membership (a generation below 0) only where there are no members that it would disturb.
    if (by.generationId < 0)
      return group === undefined || group.members.length === 0 ? ErrorCode.none : ErrorCode.unknownMemberId;
    if (group === undefined) return ErrorCode.illegalGeneration;
    const errorCode = group.check(by);
    if (errorCode !== ErrorCode.none) return errorCode;
    return group.state === "CompletingRebalance" ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  delete(id: string): number {
    if (!this.has(id)) return ErrorCode.groupIdNotFound;
    const group = this.#byId.get(id);
    if (group !== undefined && !group.isEmpty) return ErrorCode.nonEmptyGroup;
    group?.end();
    this.#byId.delete(id);
    this.offsets.remove(id, () => true);
    return ErrorCode.none;
  }

  close(): void {
    for (const group of this.#byId.values()) group.end();
    this.offsets.close();
  }
}

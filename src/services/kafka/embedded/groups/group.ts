import { randomUUID } from "node:crypto";
import { ErrorCode } from "../../protocol/errors.ts";
import {
  electProtocol,
  hasSameProtocols,
  type JoinRequest,
  type JoinResult,
  type Member,
  noJoin,
  noSync,
  requestedOf,
  type SyncResult,
} from "./member.ts";
import { Roster } from "./roster.ts";

export type GroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

const NO_BYTES = Buffer.alloc(0);

/**
 * One consumer group under the classic protocol (kafka.apache.org/protocol; KIP-62, 345, 394, 814): members join,
 * the leader assigns, all of them keep in touch. Its members are in memory only: after a restart of the broker they
 * are told that they are unknown, and join anew.
 */
export class Group {
  readonly id: string;
  #state: GroupState = "Empty";
  #generation = 0;
  #protocolType = "";
  #protocolName: string | undefined;
  #leader: string | undefined;
  readonly #roster = new Roster((silent) => this.#remove(silent));
  #rebalanceTimer: NodeJS.Timeout | undefined;

  constructor(id: string) {
    this.id = id;
  }

  get state(): GroupState {
    return this.#state;
  }

  get protocolType(): string {
    return this.#protocolType;
  }

  get protocolName(): string {
    return this.#state === "Stable" ? (this.#protocolName ?? "") : "";
  }

  get members(): readonly Member[] {
    return this.#roster.members;
  }

  get isEmpty(): boolean {
    return this.#roster.isEmpty;
  }

  join(request: JoinRequest): Promise<JoinResult> | JoinResult {
    const refused = (errorCode: number, memberId = request.memberId): JoinResult => ({
      ...noJoin,
      errorCode,
      memberId,
    });
    if (this.#state === "Dead") return refused(ErrorCode.unknownMemberId);
    if (!this.#accepts(request)) return refused(ErrorCode.inconsistentGroupProtocol);
    const known = this.#roster.get(request.memberId);
    if (known !== undefined) {
      if (known.groupInstanceId !== request.groupInstanceId) return refused(ErrorCode.fencedInstanceId);
      return this.#rejoin(known, request);
    }
    const former = this.#roster.instance(request.groupInstanceId);
    if (request.memberId === "") {
      if (former !== undefined) return this.#replace(former, request);
      const memberId = `${request.groupInstanceId ?? request.clientId}-${randomUUID()}`;
      if (request.groupInstanceId === null && request.needsKnownMember) {
        this.#roster.promise(memberId, request.sessionTimeoutMs);
        return refused(ErrorCode.memberIdRequired, memberId);
      }
      return this.#add(memberId, request);
    }
    if (former !== undefined) return refused(ErrorCode.fencedInstanceId);
    if (!this.#roster.redeem(request.memberId)) return refused(ErrorCode.unknownMemberId);
    return this.#add(request.memberId, request);
  }

  sync(request: {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly generationId: number;
    readonly protocolType: string | null;
    readonly protocolName: string | null;
    readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
  }): Promise<SyncResult> | SyncResult {
    const refused = (errorCode: number): SyncResult => ({ ...noSync, errorCode });
    const errorCode = this.check(request);
    const member = this.#roster.get(request.memberId);
    if (errorCode !== ErrorCode.none || member === undefined) return refused(errorCode);
    const isOther =
      (request.protocolType !== null && request.protocolType !== this.#protocolType) ||
      (request.protocolName !== null && request.protocolName !== this.#protocolName);
    if (isOther) return refused(ErrorCode.inconsistentGroupProtocol);
    this.#roster.touch(member);
    if (this.#state === "PreparingRebalance") return refused(ErrorCode.rebalanceInProgress);
    if (this.#state === "Stable") return this.#synced(member);
    return new Promise((resolve) => {
      member.syncing?.(refused(ErrorCode.rebalanceInProgress));
      member.syncing = resolve;
      if (member.memberId === this.#leader) this.#assign(request.assignments);
    });
  }

  heartbeat(request: {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly generationId: number;
  }): number {
    const errorCode = this.check(request);
    const member = this.#roster.get(request.memberId);
    if (errorCode !== ErrorCode.none || member === undefined) return errorCode;
    this.#roster.touch(member);
    return this.#state === "PreparingRebalance" ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  /** Whether one speaks for a member of this generation. */
  check(request: {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly generationId: number;
  }): number {
    const member = this.#roster.get(request.memberId);
    const instance = this.#roster.instance(request.groupInstanceId);
    if (instance !== undefined && instance.memberId !== request.memberId) return ErrorCode.fencedInstanceId;
    if (member === undefined) return ErrorCode.unknownMemberId;
    return request.generationId === this.#generation ? ErrorCode.none : ErrorCode.illegalGeneration;
  }

  /** Takes a member out, named by its id or by its instance id. */
  leave(request: { readonly memberId: string; readonly groupInstanceId: string | null }): number {
    if (this.#roster.redeem(request.memberId)) return ErrorCode.none;
    const instance = this.#roster.instance(request.groupInstanceId);
    if (instance !== undefined && request.memberId !== "" && instance.memberId !== request.memberId)
      return ErrorCode.fencedInstanceId;
    const member = instance ?? this.#roster.get(request.memberId);
    if (member === undefined || (request.groupInstanceId !== null && instance === undefined))
      return ErrorCode.unknownMemberId;
    this.#remove(member);
    return ErrorCode.none;
  }

  /** Ends the group: who waits is told that it is unknown. */
  end(): void {
    this.#roster.end();
    clearTimeout(this.#rebalanceTimer);
    this.#state = "Dead";
  }

  #accepts({ protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === "" || protocols.length === 0) return false;
    if (this.#roster.size === 0) return true;
    return (
      protocolType === this.#protocolType &&
      protocols.some(({ name }) =>
        this.members.every((member) => member.protocols.some((one) => one.name === name)),
      )
    );
  }

  #add(memberId: string, request: JoinRequest): Promise<JoinResult> {
    const member: Member = {
      ...requestedOf(request),
      memberId,
      groupInstanceId: request.groupInstanceId,
      assignment: NO_BYTES,
      joining: undefined,
      syncing: undefined,
      timer: undefined,
    };
    this.#protocolType = request.protocolType;
    this.#roster.add(member);
    return this.#await(member);
  }

  #rejoin(member: Member, request: JoinRequest): Promise<JoinResult> | JoinResult {
    const isSame = hasSameProtocols(member, request.protocols);
    Object.assign(member, requestedOf(request));
    const mayStay =
      (this.#state === "CompletingRebalance" && isSame) ||
      (this.#state === "Stable" && isSame && member.memberId !== this.#leader);
    if (!mayStay) return this.#await(member);
    this.#roster.touch(member);
    return this.#joined(member);
  }

  /** A static member that comes back under a new id takes the place of the former one (KIP-345). */
  #replace(former: Member, request: JoinRequest): Promise<JoinResult> | JoinResult {
    const isSame = hasSameProtocols(former, request.protocols);
    former.joining?.({ ...noJoin, errorCode: ErrorCode.fencedInstanceId, memberId: former.memberId });
    former.syncing?.({ ...noSync, errorCode: ErrorCode.fencedInstanceId });
    former.joining = undefined;
    former.syncing = undefined;
    const wasLeader = this.#leader === former.memberId;
    this.#roster.rename(former, `${request.groupInstanceId}-${randomUUID()}`);
    if (wasLeader) this.#leader = former.memberId;
    Object.assign(former, requestedOf(request));
    const mayStay = this.#state === "Stable" && isSame && (!wasLeader || request.canSkipAssignment);
    if (!mayStay) return this.#await(former);
    this.#roster.touch(former);
    return { ...this.#joined(former), skipAssignment: wasLeader };
  }

  /** Answers a join when everyone is there. */
  #await(member: Member): Promise<JoinResult> {
    clearTimeout(member.timer);
    return new Promise((resolve) => {
      member.joining?.({ ...noJoin, errorCode: ErrorCode.rebalanceInProgress, memberId: member.memberId });
      member.joining = resolve;
      this.#rebalance();
    });
  }

  #rebalance(): void {
    if (this.#state !== "PreparingRebalance") {
      for (const member of this.members) {
        member.syncing?.({ ...noSync, errorCode: ErrorCode.rebalanceInProgress });
        member.syncing = undefined;
      }
      this.#state = "PreparingRebalance";
      const patienceMs = Math.max(...this.members.map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs), 0);
      clearTimeout(this.#rebalanceTimer);
      this.#rebalanceTimer = setTimeout(() => this.#completeJoin(), patienceMs);
      this.#rebalanceTimer.unref();
    }
    if (this.members.every(({ joining }) => joining !== undefined)) this.#completeJoin();
  }

  #completeJoin(): void {
    clearTimeout(this.#rebalanceTimer);
    // Who did not come back in time is out; a static member keeps its place until its session ends.
    for (const member of this.members)
      if (member.joining === undefined && member.groupInstanceId === null) this.#roster.forget(member);
    this.#generation++;
    const protocol = electProtocol(this.members);
    if (this.#roster.size === 0 || protocol === undefined) {
      this.#state = "Empty";
      this.#leader = undefined;
      return;
    }
    this.#protocolName = protocol;
    const isThere = (member: Member | undefined): boolean => member?.joining !== undefined;
    if (!isThere(this.#roster.get(this.#leader ?? "")))
      this.#leader = (this.members.find(isThere) ?? this.members[0])?.memberId;
    this.#state = "CompletingRebalance";
    for (const member of this.members) {
      this.#roster.touch(member);
      member.joining?.(this.#joined(member));
      member.joining = undefined;
    }
  }

  #joined(member: Member): JoinResult {
    const isLeader = member.memberId === this.#leader;
    return {
      errorCode: ErrorCode.none,
      generationId: this.#generation,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName ?? "",
      leader: this.#leader ?? "",
      memberId: member.memberId,
      skipAssignment: false,
      members: !isLeader
        ? []
        : this.members.map(({ memberId, groupInstanceId, protocols }) => ({
            memberId,
            groupInstanceId,
            metadata: protocols.find(({ name }) => name === this.#protocolName)?.metadata ?? NO_BYTES,
          })),
    };
  }

  #assign(assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]): void {
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    this.#state = "Stable";
    for (const member of this.members) {
      // A copy: the bytes are a view of the request, which would be kept alive whole.
      member.assignment = Buffer.from(byMember.get(member.memberId) ?? NO_BYTES);
      member.syncing?.(this.#synced(member));
      member.syncing = undefined;
    }
  }

  #synced(member: Member): SyncResult {
    return {
      errorCode: ErrorCode.none,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName ?? "",
      assignment: member.assignment,
    };
  }

  #remove(member: Member): void {
    this.#roster.forget(member);
    if (this.#leader === member.memberId) this.#leader = undefined;
    if (this.#state !== "Empty") this.#rebalance();
  }
}

import { ErrorCode } from "../../protocol/errors.ts";
import { type Member, noJoin, noSync } from "./member.ts";

/** Who is in a group, and who has been silent for too long. */
export class Roster {
  readonly #members = new Map<string, Member>();
  /** Ids that were given out to members that have not joined with them yet. */
  readonly #promised = new Map<string, NodeJS.Timeout>();
  readonly #onSilent: (member: Member) => void;

  /** `onSilent` is told of a member that has not been heard of for its session timeout. */
  constructor(onSilent: (member: Member) => void) {
    this.#onSilent = onSilent;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get size(): number {
    return this.#members.size;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#promised.size === 0;
  }

  get(memberId: string): Member | undefined {
    return this.#members.get(memberId);
  }

  /** The static member of that name (KIP-345). */
  instance(groupInstanceId: string | null): Member | undefined {
    return groupInstanceId === null
      ? undefined
      : this.members.find((member) => member.groupInstanceId === groupInstanceId);
  }

  /** Keeps an id for a member that is to join with it, for a while. */
  promise(memberId: string, forMs: number): void {
    const timer = setTimeout(() => this.#promised.delete(memberId), forMs);
    timer.unref();
    this.#promised.set(memberId, timer);
  }

  /** Takes a promise back; false when there was none. */
  redeem(memberId: string): boolean {
    clearTimeout(this.#promised.get(memberId));
    return this.#promised.delete(memberId);
  }

  add(member: Member): void {
    this.#members.set(member.memberId, member);
  }

  rename(member: Member, memberId: string): void {
    this.#members.delete(member.memberId);
    member.memberId = memberId;
    this.#members.set(memberId, member);
  }

  /** Starts a member's session timeout anew. Who waits for an answer of ours can't be silent. */
  touch(member: Member): void {
    clearTimeout(member.timer);
    member.timer = setTimeout(() => {
      if (member.joining !== undefined || member.syncing !== undefined) this.touch(member);
      else this.#onSilent(member);
    }, member.sessionTimeoutMs);
    member.timer.unref();
  }

  /** Takes a member out; who waits for an answer is told that it is unknown. */
  forget(member: Member): void {
    clearTimeout(member.timer);
    this.#members.delete(member.memberId);
    member.joining?.({ ...noJoin, errorCode: ErrorCode.unknownMemberId, memberId: member.memberId });
    member.syncing?.({ ...noSync, errorCode: ErrorCode.unknownMemberId });
    member.joining = undefined;
    member.syncing = undefined;
  }

  end(): void {
    for (const timer of this.#promised.values()) clearTimeout(timer);
    this.#promised.clear();
    for (const member of this.members) this.forget(member);
  }
}

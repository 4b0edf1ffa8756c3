import { describe, expect, it } from "vitest";
import { Group } from "../../../../src/services/kafka/embedded/groups/group.ts";
import type { JoinRequest, JoinResult } from "../../../../src/services/kafka/embedded/groups/member.ts";
import { ErrorCode } from "../../../../src/services/kafka/protocol/errors.ts";
import { eventually } from "../eventually.ts";

const request: JoinRequest = {
  memberId: "",
  groupInstanceId: null,
  clientId: "c",
  clientHost: "/127.0.0.1",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  protocolType: "consumer",
  protocols: [
    { name: "range", metadata: Buffer.from("r") },
    { name: "sticky", metadata: Buffer.from("s") },
  ],
  needsKnownMember: false,
  canSkipAssignment: true,
};

const speaker = ({ memberId, generationId }: JoinResult, groupInstanceId: string | null = null) => ({
  memberId,
  generationId,
  groupInstanceId,
});

const sync = (group: Group, joined: JoinResult, assignments: Readonly<Record<string, string>> = {}) =>
  group.sync({
    ...speaker(joined),
    protocolType: "consumer",
    protocolName: joined.protocolName,
    assignments: Object.entries(assignments).map(([memberId, text]) => ({
      memberId,
      assignment: Buffer.from(text),
    })),
  });

describe("a consumer group", () => {
  it("tells a new member its id first, and knows it then", async () => {
    const group = new Group("g");
    const told = await group.join({ ...request, needsKnownMember: true });
    expect(told.errorCode).toBe(ErrorCode.memberIdRequired);
    const joined = await group.join({ ...request, needsKnownMember: true, memberId: told.memberId });
    expect(joined).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: told.memberId,
      memberId: told.memberId,
    });
    expect((await group.join({ ...request, memberId: "stranger" })).errorCode).toBe(
      ErrorCode.unknownMemberId,
    );
    group.end();
  });

  it("elects a protocol that all offer, and gives each the leader's assignment", async () => {
    const group = new Group("g");
    const first = await group.join(request);
    const second = group.join({ ...request, protocols: [{ name: "sticky", metadata: Buffer.from("s2") }] });
    expect(group.heartbeat(speaker(first))).toBe(ErrorCode.rebalanceInProgress);
    const again = await group.join({ ...request, memberId: first.memberId });
    const other = await second;
    expect([again.protocolName, other.protocolName, again.generationId]).toEqual(["sticky", "sticky", 2]);
    expect(again.members.map(({ metadata }) => metadata.toString())).toEqual(["s", "s2"]);
    expect(other.members).toEqual([]);
    const waiting = sync(group, other);
    const led = await sync(group, again, { [again.memberId]: "one", [other.memberId]: "two" });
    expect([led.assignment.toString(), (await waiting).assignment.toString()]).toEqual(["one", "two"]);
    expect(group.state).toBe("Stable");
    expect(group.heartbeat({ ...speaker(other), generationId: 1 })).toBe(ErrorCode.illegalGeneration);
    expect(
      (await group.join({ ...request, protocols: [{ name: "x", metadata: Buffer.from("") }] })).errorCode,
    ).toBe(ErrorCode.inconsistentGroupProtocol);
    group.end();
  });

  it("goes on without a member that is silent, or does not come back to a rebalance", async () => {
    const group = new Group("g");
    const silent = await group.join({ ...request, sessionTimeoutMs: 30 });
    await sync(group, silent, { [silent.memberId]: "all" });
    await eventually(
      () => group.state,
      (state) => state === "Empty",
    );
    expect(group.heartbeat(speaker(silent))).toBe(ErrorCode.unknownMemberId);
    const slow = await group.join({ ...request, rebalanceTimeoutMs: 30 });
    const quick = await group.join({ ...request, rebalanceTimeoutMs: 30 });
    expect(quick).toMatchObject({ errorCode: 0, leader: quick.memberId });
    expect(quick.members).toHaveLength(1);
    expect(group.heartbeat(speaker(slow))).toBe(ErrorCode.unknownMemberId);
    group.end();
  });

  it("keeps a static member's place when it comes back under a new id, and fences the old one", async () => {
    const group = new Group("g");
    const before = await group.join({ ...request, groupInstanceId: "one" });
    await sync(group, before, { [before.memberId]: "mine" });
    const back = await group.join({ ...request, groupInstanceId: "one" });
    expect(back).toMatchObject({
      errorCode: 0,
      generationId: 1,
      skipAssignment: true,
      leader: back.memberId,
    });
    expect(group.heartbeat(speaker(before, "one"))).toBe(ErrorCode.fencedInstanceId);
    expect(group.heartbeat(speaker(back, "one"))).toBe(ErrorCode.none);
    expect((await sync(group, back)).assignment.toString()).toBe("mine");
    expect(group.leave({ memberId: "", groupInstanceId: "one" })).toBe(ErrorCode.none);
    expect(group.state).toBe("Empty");
    group.end();
  });
});

import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import type { Handler } from "./handler.ts";

const MAX_SESSION_TIMEOUT_MS = 1_800_000;
const KNOWN_MEMBER_FROM = 4;
const SKIP_ASSIGNMENT_FROM = 9;
const MANY_LEAVE_FROM = 3;

export const joinGroup: Handler<Apis["joinGroup"]> = (request, context) => {
  const { broker, version } = context;
  const refused = (errorCode: number) => ({
    errorCode,
    protocolName: version >= 7 ? null : "",
    leader: "",
    memberId: request.memberId,
    members: [],
  });
  if (request.groupId === "") return refused(ErrorCode.invalidGroupId);
  if (
    request.sessionTimeoutMs < broker.minSessionTimeoutMs ||
    request.sessionTimeoutMs > MAX_SESSION_TIMEOUT_MS
  )
    return refused(ErrorCode.invalidSessionTimeout);
  if (request.memberId !== "" && broker.groups.get(request.groupId) === undefined)
    return refused(ErrorCode.unknownMemberId);
  return broker.groups.getOrMake(request.groupId).join({
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    sessionTimeoutMs: request.sessionTimeoutMs,
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs >= 0 ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
    protocolType: request.protocolType,
    protocols: request.protocols,
    needsKnownMember: version >= KNOWN_MEMBER_FROM,
    canSkipAssignment: version >= SKIP_ASSIGNMENT_FROM,
  });
};

export const syncGroup: Handler<Apis["syncGroup"]> = (request, { broker }) =>
  broker.groups.get(request.groupId)?.sync(request) ?? {
    errorCode: ErrorCode.unknownMemberId,
    assignment: Buffer.alloc(0),
  };

export const heartbeat: Handler<Apis["heartbeat"]> = (request, { broker }) => ({
  errorCode: broker.groups.get(request.groupId)?.heartbeat(request) ?? ErrorCode.unknownMemberId,
});

export const leaveGroup: Handler<Apis["leaveGroup"]> = (request, { broker, version }) => {
  const group = broker.groups.get(request.groupId);
  if (group === undefined) return { errorCode: ErrorCode.unknownMemberId };
  if (version < MANY_LEAVE_FROM)
    return { errorCode: group.leave({ memberId: request.memberId, groupInstanceId: null }) };
  return {
    errorCode: ErrorCode.none,
    members: request.members.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode: group.leave({ memberId, groupInstanceId }),
    })),
  };
};

export const describeGroups: Handler<Apis["describeGroups"]> = (request, { broker, version }) => ({
  groups: request.groups.map((groupId) => {
    const group = broker.groups.get(groupId);
    if (!broker.groups.has(groupId))
      return {
        errorCode: version >= 6 ? ErrorCode.groupIdNotFound : ErrorCode.none,
        errorMessage: version >= 6 ? `Group ${groupId} not found.` : null,
        groupId,
        state: "Dead",
        protocolType: "",
        protocolName: "",
        members: [],
      };
    return {
      errorCode: ErrorCode.none,
      groupId,
      state: group?.state ?? "Empty",
      protocolType: group?.protocolType ?? "",
      protocolName: group?.protocolName ?? "",
      members: (group?.members ?? []).map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        metadata:
          group?.state === "Stable"
            ? (member.protocols.find(({ name }) => name === group.protocolName)?.metadata ?? NO_BYTES)
            : NO_BYTES,
        assignment: group?.state === "Stable" ? member.assignment : NO_BYTES,
      })),
    };
  }),
});

const NO_BYTES = Buffer.alloc(0);

export const listGroups: Handler<Apis["listGroups"]> = (request, { broker }) => {
  const states = request.states.map((state) => state.toLowerCase());
  const isWanted = (state: string): boolean => states.length === 0 || states.includes(state.toLowerCase());
  const hasType =
    request.types.length === 0 || request.types.some((type) => type.toLowerCase() === "classic");
  return {
    errorCode: ErrorCode.none,
    groups: broker.groups
      .all()
      .filter(({ state }) => hasType && isWanted(state))
      .map(({ id, protocolType, state }) => ({ groupId: id, protocolType, state, type: "Classic" })),
  };
};

export const deleteGroups: Handler<Apis["deleteGroups"]> = (request, { broker }) => ({
  groups: request.groups.map((groupId) => ({ groupId, errorCode: broker.groups.delete(groupId) })),
});

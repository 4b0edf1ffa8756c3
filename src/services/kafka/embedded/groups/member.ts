import { ErrorCode } from "../../protocol/errors.ts";

/** One consumer of a group, as it last joined. */
export interface Member {
  memberId: string;
  readonly groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly Protocol[];
  assignment: Buffer;
  /** Answers its JoinGroup; there while it waits for the others. */
  joining: ((result: JoinResult) => void) | undefined;
  /** Answers its SyncGroup; there while it waits for the leader's assignment. */
  syncing: ((result: SyncResult) => void) | undefined;
  /** Ends its membership when it has been silent for its session timeout. */
  timer: NodeJS.Timeout | undefined;
}

export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** Version 4 and later: a new member is first told its id (KIP-394). */
  readonly needsKnownMember: boolean;
  /** Version 9 and later: a leader can be told to leave the assignment as it is (KIP-814). */
  readonly canSkipAssignment: boolean;
}

export interface JoinResult {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly memberId: string;
  readonly skipAssignment: boolean;
  /** For the leader only: everyone. */
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

export interface SyncResult {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

/** Whether two joins offer the same protocols with the same metadata: then nothing has changed. */
export function hasSameProtocols(member: Member, protocols: readonly Protocol[]): boolean {
  return (
    member.protocols.length === protocols.length &&
    member.protocols.every(({ name, metadata }, i) => {
      const other = protocols[i];
      return other !== undefined && other.name === name && other.metadata.equals(metadata);
    })
  );
}

/**
 * The protocol that the members elect: of those that all of them offer, the one that most put first. Undefined when
 * they have none in common.
 */
export function electProtocol(members: readonly Member[]): string | undefined {
  const [first] = members;
  const common = (first?.protocols ?? [])
    .map(({ name }) => name)
    .filter((name) => members.every(({ protocols }) => protocols.some((one) => one.name === name)));
  const votes = new Map(common.map((name) => [name, 0]));
  for (const { protocols } of members) {
    const vote = protocols.find(({ name }) => votes.has(name))?.name;
    if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

const NO_BYTES = Buffer.alloc(0);

/** A refused join, but for its code and member id. */
export const noJoin: JoinResult = {
  errorCode: ErrorCode.unknownServerError,
  generationId: -1,
  protocolType: null,
  protocolName: "",
  leader: "",
  memberId: "",
  skipAssignment: false,
  members: [],
};

/** A refused sync, but for its code. */
export const noSync: SyncResult = {
  errorCode: ErrorCode.unknownServerError,
  protocolType: null,
  protocolName: null,
  assignment: NO_BYTES,
};

/** What a join says anew each time. Metadata is copied out of the request's frame. */
export function requestedOf(
  request: JoinRequest,
): Pick<Member, "clientId" | "clientHost" | "sessionTimeoutMs" | "rebalanceTimeoutMs" | "protocols"> {
  return {
    clientId: request.clientId,
    clientHost: request.clientHost,
    sessionTimeoutMs: request.sessionTimeoutMs,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
  };
}

/** The error codes of the protocol that we send or understand (kafka.apache.org/protocol, "Error Codes"). */
export const ErrorCode = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  invalidFetchSize: 4,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  invalidRequiredAcks: 21,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  invalidGroupId: 24,
  unknownMemberId: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  invalidTimestamp: 32,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  invalidReplicationFactor: 38,
  invalidReplicaAssignment: 39,
  invalidConfig: 40,
  invalidRequest: 42,
  unsupportedForMessageFormat: 43,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTxnState: 48,
  invalidProducerIdMapping: 49,
  invalidTransactionTimeout: 50,
  concurrentTransactions: 51,
  operationNotAttempted: 55,
  kafkaStorageError: 56,
  unknownProducerId: 59,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  fetchSessionIdNotFound: 70,
  invalidFetchSessionEpoch: 71,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  unsupportedCompressionType: 76,
  memberIdRequired: 79,
  groupMaxSizeReached: 81,
  fencedInstanceId: 82,
  groupSubscribedToTopic: 86,
  invalidRecord: 87,
  unstableOffsetCommit: 88,
  producerFenced: 90,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
  transactionalIdNotFound: 105,
} as const;

const names = new Map<number, string>(
  Object.entries(ErrorCode).map(([name, code]) => [
    code,
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
  ]),
);

/** Its name as other tools print it: `OFFSET_OUT_OF_RANGE`. */
export function errorName(code: number): string {
  return names.get(code) ?? `error ${code}`;
}

const retriable = new Set<number>([
  ErrorCode.corruptMessage,
  ErrorCode.unknownTopicOrPartition,
  ErrorCode.leaderNotAvailable,
  ErrorCode.notLeaderOrFollower,
  ErrorCode.requestTimedOut,
  ErrorCode.networkException,
  ErrorCode.coordinatorLoadInProgress,
  ErrorCode.coordinatorNotAvailable,
  ErrorCode.notCoordinator,
  ErrorCode.concurrentTransactions,
  ErrorCode.kafkaStorageError,
  ErrorCode.fetchSessionIdNotFound,
  ErrorCode.fencedLeaderEpoch,
  ErrorCode.unknownLeaderEpoch,
  ErrorCode.unstableOffsetCommit,
  ErrorCode.unknownTopicId,
]);

/** Whether the same request may succeed a moment later. */
export function isRetriable(code: number): boolean {
  return retriable.has(code);
}

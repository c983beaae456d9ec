/**
 * Kafka's error codes: number, name, what a client does about it, and a sentence for whoever reads it in a log. The one
 * place where a code gets a meaning; producer, consumer and admin turn the reaction into what they do next.
 */
import {
  AuthenticationError,
  AuthorizationError,
  FencedError,
  KafkaError,
  type KafkaErrorDetail,
  type KafkaErrorOptions,
  LeaderNotAvailableError,
  NetworkError,
  NotControllerError,
  OffsetOutOfRangeError,
  OutOfOrderSequenceError,
  ProducerFencedError,
  RebalanceInProgressError,
  RecordTooLargeError,
  TimeoutError,
} from '@samsa/runtime'

/**
 * - `none`: it worked.
 * - `retry`: the same request again, after a pause.
 * - `refresh`: metadata first, then the request again.
 * - `find-coordinator`: the coordinator moved: find it, then the request again.
 * - `rejoin`: the group moved on: join it again.
 * - `abort`: the transaction must be aborted; the producer goes on.
 * - `fence`: another instance has taken over: close this one.
 * - `fatal`: the request cannot succeed; tell the caller.
 */
export type Reaction = 'none' | 'retry' | 'refresh' | 'find-coordinator' | 'rejoin' | 'abort' | 'fence' | 'fatal'

export interface ErrorCode {
  readonly code: number
  readonly name: string
  readonly reaction: Reaction
  readonly text: string
}

const ROWS: readonly (readonly [code: number, name: string, reaction: Reaction, text: string])[] = [
  [-1, 'UNKNOWN_SERVER_ERROR', 'fatal', 'The broker failed in a way it has no code for; its log says more.'],
  [0, 'NONE', 'none', 'It worked.'],
  [
    1,
    'OFFSET_OUT_OF_RANGE',
    'fatal',
    'The partition does not hold the offset asked for; a consumer applies its reset policy.',
  ],
  [2, 'CORRUPT_MESSAGE', 'retry', 'The checksum or the layout of the records is wrong.'],
  [
    3,
    'UNKNOWN_TOPIC_OR_PARTITION',
    'refresh',
    'This broker does not know the topic or partition; it may be new, gone, or led elsewhere.',
  ],
  [4, 'INVALID_FETCH_SIZE', 'fatal', 'The fetch asks for a size that cannot be.'],
  [
    5,
    'LEADER_NOT_AVAILABLE',
    'refresh',
    'The partition has no leader at the moment: an election is under way or its replicas are down.',
  ],
  [6, 'NOT_LEADER_OR_FOLLOWER', 'refresh', 'This broker no longer leads or holds the partition.'],
  [7, 'REQUEST_TIMED_OUT', 'retry', 'The broker gave up waiting; what was asked may still happen.'],
  [8, 'BROKER_NOT_AVAILABLE', 'fatal', 'The broker is not there.'],
  [9, 'REPLICA_NOT_AVAILABLE', 'refresh', 'The broker holds no replica that can answer.'],
  [
    10,
    'MESSAGE_TOO_LARGE',
    'fatal',
    'The batch is larger than the topic takes (max.message.bytes); several records can be sent in smaller batches.',
  ],
  [11, 'STALE_CONTROLLER_EPOCH', 'fatal', 'The controller that spoke has been replaced.'],
  [
    12,
    'OFFSET_METADATA_TOO_LARGE',
    'fatal',
    'The text beside a committed offset is longer than the broker takes (offset.metadata.max.bytes).',
  ],
  [13, 'NETWORK_EXCEPTION', 'refresh', 'The connection broke before the answer came.'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', 'retry', 'The coordinator is still reading its log after it took over.'],
  [
    15,
    'COORDINATOR_NOT_AVAILABLE',
    'find-coordinator',
    'There is no coordinator at the moment; its topic may just be being created.',
  ],
  [16, 'NOT_COORDINATOR', 'find-coordinator', 'This broker is not the coordinator.'],
  [
    17,
    'INVALID_TOPIC_EXCEPTION',
    'fatal',
    'The name is not one that a topic may have, or the topic is not for clients to write.',
  ],
  [18, 'RECORD_LIST_TOO_LARGE', 'fatal', 'The batch is larger than a segment of the log.'],
  [
    19,
    'NOT_ENOUGH_REPLICAS',
    'retry',
    'Fewer replicas are in sync than min.insync.replicas asks for; nothing was written.',
  ],
  [
    20,
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'retry',
    'The records are written, but to fewer replicas than min.insync.replicas asks for.',
  ],
  [21, 'INVALID_REQUIRED_ACKS', 'fatal', 'acks is not 0, 1 or all.'],
  [22, 'ILLEGAL_GENERATION', 'rejoin', 'The group has rebalanced since this member joined.'],
  [23, 'INCONSISTENT_GROUP_PROTOCOL', 'fatal', 'The member has no assignor or protocol type in common with the group.'],
  [24, 'INVALID_GROUP_ID', 'fatal', 'The group id is empty or not allowed.'],
  [25, 'UNKNOWN_MEMBER_ID', 'rejoin', 'The coordinator does not know this member, often because its session ran out.'],
  [
    26,
    'INVALID_SESSION_TIMEOUT',
    'fatal',
    'The session timeout is outside what the broker allows (group.min.session.timeout.ms to group.max.session.timeout.ms).',
  ],
  [27, 'REBALANCE_IN_PROGRESS', 'rejoin', 'The group is rebalancing.'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', 'fatal', 'The commit is too large to be stored.'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'fatal', 'The principal may not do this with the topic.'],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'fatal', 'The principal may not do this with the group.'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', 'fatal', 'The principal may not do this with the cluster.'],
  [32, 'INVALID_TIMESTAMP', 'fatal', 'The timestamp of a record is outside what the topic takes.'],
  [
    33,
    'UNSUPPORTED_SASL_MECHANISM',
    'fatal',
    'The broker does not offer this SASL mechanism; its answer lists those it does.',
  ],
  [34, 'ILLEGAL_SASL_STATE', 'fatal', 'The request does not fit the state of the login.'],
  [35, 'UNSUPPORTED_VERSION', 'fatal', 'The broker does not speak this version of the API.'],
  [36, 'TOPIC_ALREADY_EXISTS', 'fatal', 'A topic of this name exists.'],
  [37, 'INVALID_PARTITIONS', 'fatal', 'The number of partitions cannot be.'],
  [38, 'INVALID_REPLICATION_FACTOR', 'fatal', 'The replication factor is below 1 or above the number of brokers.'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'fatal', 'The replicas named for a partition cannot be.'],
  [40, 'INVALID_CONFIG', 'fatal', 'A configuration is unknown or its value not allowed.'],
  [41, 'NOT_CONTROLLER', 'refresh', 'This broker is not the controller.'],
  [42, 'INVALID_REQUEST', 'fatal', 'The broker could make no sense of the request.'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'fatal', 'The log is in a format that is too old for this.'],
  [44, 'POLICY_VIOLATION', 'fatal', 'A policy of the cluster forbids this.'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'fatal', 'The sequence of an idempotent producer has a gap.'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', 'none', 'The broker has this batch already; its offset is no longer known.'],
  [47, 'INVALID_PRODUCER_EPOCH', 'fence', 'A newer producer with the same id has written.'],
  [48, 'INVALID_TXN_STATE', 'fatal', 'The transaction is in a state that does not allow this.'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', 'fatal', 'The transactional id belongs to another producer id by now.'],
  [
    50,
    'INVALID_TRANSACTION_TIMEOUT',
    'fatal',
    'The transaction timeout is above what the broker allows (transaction.max.timeout.ms).',
  ],
  [51, 'CONCURRENT_TRANSACTIONS', 'retry', 'The last transaction of this id is still being completed.'],
  [52, 'TRANSACTION_COORDINATOR_FENCED', 'fatal', 'The transaction coordinator that spoke has been replaced.'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'fatal', 'The principal may not use this transactional id.'],
  [54, 'SECURITY_DISABLED', 'fatal', 'The broker has no authorizer, so it keeps no ACLs.'],
  [55, 'OPERATION_NOT_ATTEMPTED', 'fatal', 'Another part of the same request failed, so this part was not tried.'],
  [56, 'KAFKA_STORAGE_ERROR', 'refresh', 'The disk under the log failed or is full.'],
  [57, 'LOG_DIR_NOT_FOUND', 'fatal', 'The broker has no such log directory.'],
  [58, 'SASL_AUTHENTICATION_FAILED', 'fatal', 'The credentials were refused.'],
  [59, 'UNKNOWN_PRODUCER_ID', 'abort', 'The broker has forgotten the producer, because its records have been deleted.'],
  [60, 'REASSIGNMENT_IN_PROGRESS', 'fatal', 'Partitions are being moved; wait for that to end.'],
  [61, 'DELEGATION_TOKEN_AUTH_DISABLED', 'fatal', 'The cluster has delegation tokens turned off.'],
  [62, 'DELEGATION_TOKEN_NOT_FOUND', 'fatal', 'There is no such delegation token.'],
  [63, 'DELEGATION_TOKEN_OWNER_MISMATCH', 'fatal', 'The delegation token belongs to another principal.'],
  [64, 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED', 'fatal', 'Delegation tokens cannot be managed over this connection.'],
  [65, 'DELEGATION_TOKEN_AUTHORIZATION_FAILED', 'fatal', 'The principal may not do this with the delegation token.'],
  [66, 'DELEGATION_TOKEN_EXPIRED', 'fatal', 'The delegation token has expired.'],
  [67, 'INVALID_PRINCIPAL_TYPE', 'fatal', 'The principal is of a type that this does not take.'],
  [68, 'NON_EMPTY_GROUP', 'fatal', 'The group still has members.'],
  [69, 'GROUP_ID_NOT_FOUND', 'fatal', 'There is no such group.'],
  [
    70,
    'FETCH_SESSION_ID_NOT_FOUND',
    'retry',
    'The broker has dropped the fetch session; the next fetch opens a new one.',
  ],
  [71, 'INVALID_FETCH_SESSION_EPOCH', 'retry', 'The fetch session is out of step; the next fetch opens a new one.'],
  [72, 'LISTENER_NOT_FOUND', 'refresh', 'The leader has no listener of the kind that this client uses.'],
  [73, 'TOPIC_DELETION_DISABLED', 'fatal', 'The cluster does not allow topics to be deleted (delete.topic.enable).'],
  [74, 'FENCED_LEADER_EPOCH', 'refresh', 'The client knows an older leader than the broker does.'],
  [
    75,
    'UNKNOWN_LEADER_EPOCH',
    'retry',
    'The client knows a newer leader than the broker does; the broker will catch up.',
  ],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', 'fatal', 'The codec is not one that this version of the request allows.'],
  [77, 'STALE_BROKER_EPOCH', 'fatal', 'The broker has registered anew since.'],
  [78, 'OFFSET_NOT_AVAILABLE', 'retry', 'The new leader does not know yet how far its log is committed.'],
  [79, 'MEMBER_ID_REQUIRED', 'rejoin', 'Join again with the member id of this answer.'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'refresh', 'The preferred leader cannot lead at the moment.'],
  [81, 'GROUP_MAX_SIZE_REACHED', 'fatal', 'The group has as many members as the broker allows (group.max.size).'],
  [82, 'FENCED_INSTANCE_ID', 'fence', 'Another member with the same group instance id has joined.'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', 'refresh', 'No replica that could lead is there.'],
  [84, 'ELECTION_NOT_NEEDED', 'refresh', 'The partition has the leader that the election would give it.'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS', 'fatal', 'The partition is not being moved.'],
  [
    86,
    'GROUP_SUBSCRIBED_TO_TOPIC',
    'fatal',
    'Offsets of a topic cannot be deleted while the group is subscribed to it.',
  ],
  [87, 'INVALID_RECORD', 'fatal', 'The broker refused records of the batch; the answer says which and why.'],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'retry', 'Offsets of an open transaction are pending.'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', 'retry', 'A quota is used up; wait as long as the answer says.'],
  [90, 'PRODUCER_FENCED', 'fence', 'Another producer with the same transactional id has started.'],
  [91, 'RESOURCE_NOT_FOUND', 'fatal', 'What the request speaks of does not exist.'],
  [92, 'DUPLICATE_RESOURCE', 'fatal', 'The request names the same thing twice.'],
  [93, 'UNACCEPTABLE_CREDENTIAL', 'fatal', 'The credential does not meet what the broker asks of it.'],
  [94, 'INCONSISTENT_VOTER_SET', 'fatal', 'The voters that the request assumes are not those of the quorum.'],
  [95, 'INVALID_UPDATE_VERSION', 'fatal', 'The feature cannot be set to this level.'],
  [96, 'FEATURE_UPDATE_FAILED', 'fatal', 'The feature could not be updated.'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', 'fatal', 'A forwarded principal could not be read.'],
  [98, 'SNAPSHOT_NOT_FOUND', 'fatal', 'There is no such snapshot.'],
  [99, 'POSITION_OUT_OF_RANGE', 'fatal', 'The position lies outside the snapshot.'],
  [
    100,
    'UNKNOWN_TOPIC_ID',
    'refresh',
    'This broker does not know the topic id; the topic may be new, gone or made anew.',
  ],
  [101, 'DUPLICATE_BROKER_REGISTRATION', 'fatal', 'Another broker is registered with this id.'],
  [102, 'BROKER_ID_NOT_REGISTERED', 'fatal', 'No broker is registered with this id.'],
  [103, 'INCONSISTENT_TOPIC_ID', 'refresh', 'The topic id is not that of the topic on this broker.'],
  [104, 'INCONSISTENT_CLUSTER_ID', 'fatal', 'The request is meant for another cluster.'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'fatal', 'There is no such transactional id.'],
  [
    106,
    'FETCH_SESSION_TOPIC_ID_ERROR',
    'retry',
    'The fetch session mixes topic names and ids; the next fetch opens a new one.',
  ],
  [107, 'INELIGIBLE_REPLICA', 'fatal', 'The replica may not join those in sync.'],
  [108, 'NEW_LEADER_ELECTED', 'fatal', 'The change made another replica the leader.'],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'fatal', 'The offset lies in remote storage only.'],
  [
    110,
    'FENCED_MEMBER_EPOCH',
    'rejoin',
    'The coordinator has moved past this member; give up all partitions and join again.',
  ],
  [111, 'UNRELEASED_INSTANCE_ID', 'fatal', 'Another member still holds this group instance id.'],
  [112, 'UNSUPPORTED_ASSIGNOR', 'fatal', 'The broker has no assignor of this name (group.remote.assignor).'],
  [113, 'STALE_MEMBER_EPOCH', 'retry', 'The member has a newer epoch to learn of from its next heartbeat.'],
  [
    114,
    'MISMATCHED_ENDPOINT_TYPE',
    'fatal',
    'The request went to a broker where a controller was meant, or the other way round.',
  ],
  [115, 'UNSUPPORTED_ENDPOINT_TYPE', 'fatal', 'The endpoint is of a type that this broker does not know.'],
  [116, 'UNKNOWN_CONTROLLER_ID', 'fatal', 'No controller is registered with this id.'],
  [117, 'UNKNOWN_SUBSCRIPTION_ID', 'fatal', 'The telemetry subscription is out of date; ask for it again.'],
  [118, 'TELEMETRY_TOO_LARGE', 'fatal', 'The telemetry is larger than the broker takes.'],
  [119, 'INVALID_REGISTRATION', 'fatal', 'The registration of the controller or broker cannot be.'],
  [120, 'TRANSACTION_ABORTABLE', 'abort', 'The transaction cannot be completed; abort it and go on.'],
  [121, 'INVALID_RECORD_STATE', 'fatal', 'The acknowledgement does not fit the state of the record.'],
  [
    122,
    'SHARE_SESSION_NOT_FOUND',
    'retry',
    'The broker has dropped the share session; the next fetch opens a new one.',
  ],
  [123, 'INVALID_SHARE_SESSION_EPOCH', 'retry', 'The share session is out of step; the next fetch opens a new one.'],
  [124, 'FENCED_STATE_EPOCH', 'fatal', 'The share coordinator has seen a newer state epoch.'],
  [125, 'INVALID_VOTER_KEY', 'fatal', 'The voter is not the one of this id and directory.'],
  [126, 'DUPLICATE_VOTER', 'fatal', 'The voter is in the quorum already.'],
  [127, 'VOTER_NOT_FOUND', 'fatal', 'The voter is not in the quorum.'],
  [
    128,
    'INVALID_REGULAR_EXPRESSION',
    'fatal',
    'The broker cannot use the regular expression; it takes the syntax of RE2.',
  ],
  [129, 'REBOOTSTRAP_REQUIRED', 'refresh', 'Start again from the bootstrap servers.'],
  [130, 'STREAMS_INVALID_TOPOLOGY', 'fatal', 'The topology of the streams group cannot be.'],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'fatal', 'The epoch of the topology cannot be.'],
  [132, 'STREAMS_TOPOLOGY_FENCED', 'fatal', 'The streams group has moved to another topology.'],
  [133, 'SHARE_SESSION_LIMIT_REACHED', 'retry', 'The broker has as many share sessions as it allows.'],
]

/** Every code, in order. */
export const errorCodes: readonly ErrorCode[] = ROWS.map(([code, name, reaction, text]) => ({
  code,
  name,
  reaction,
  text,
}))

const UNKNOWN: ErrorCode = {
  code: -1,
  name: 'UNKNOWN_SERVER_ERROR',
  reaction: 'fatal',
  text: 'The broker sent an error code that this version does not know.',
}
const byCode = new Map(errorCodes.map(error => [error.code, error]))
const byName = new Map(errorCodes.map(error => [error.name, error]))

/** A code that is not in the table counts as an unknown server error. */
export function errorByCode(code: number): ErrorCode {
  return byCode.get(code) ?? UNKNOWN
}

export function errorByName(name: string): ErrorCode | undefined {
  return byName.get(name)
}

type Make = (message: string, detail: KafkaErrorDetail) => KafkaError

const authorization = (
  code: `${'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN'}_AUTHORIZATION_FAILED`,
): [string, Make] => [code, (message, detail) => new AuthorizationError(message, { ...detail, code })]

const authentication = (
  code: 'SASL_AUTHENTICATION_FAILED' | 'UNSUPPORTED_SASL_MECHANISM' | 'ILLEGAL_SASL_STATE',
): [string, Make] => [code, (message, detail) => new AuthenticationError(message, { ...detail, fatal: true, code })]

/** Codes that users catch by class. Everything else is a KafkaError with its code. */
const CLASSES: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['OFFSET_OUT_OF_RANGE', (message, detail) => new OffsetOutOfRangeError(message, detail)],
  ['LEADER_NOT_AVAILABLE', (message, detail) => new LeaderNotAvailableError(message, detail)],
  ['REQUEST_TIMED_OUT', (message, detail) => new TimeoutError(message, detail)],
  ['MESSAGE_TOO_LARGE', (message, detail) => new RecordTooLargeError(message, detail)],
  ['NETWORK_EXCEPTION', (message, detail) => new NetworkError(message, detail)],
  ['REBALANCE_IN_PROGRESS', (message, detail) => new RebalanceInProgressError(message, detail)],
  ['NOT_CONTROLLER', (message, detail) => new NotControllerError(message, detail)],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', (message, detail) => new OutOfOrderSequenceError(message, detail)],
  ['FENCED_INSTANCE_ID', (message, detail) => new FencedError(message, { ...detail, code: 'FENCED_INSTANCE_ID' })],
  ['PRODUCER_FENCED', (message, detail) => new ProducerFencedError(message, detail)],
  authorization('TOPIC_AUTHORIZATION_FAILED'),
  authorization('GROUP_AUTHORIZATION_FAILED'),
  authorization('CLUSTER_AUTHORIZATION_FAILED'),
  authorization('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
  authorization('DELEGATION_TOKEN_AUTHORIZATION_FAILED'),
  authentication('UNSUPPORTED_SASL_MECHANISM'),
  authentication('ILLEGAL_SASL_STATE'),
  authentication('SASL_AUTHENTICATION_FAILED'),
])

/** The error of a code that a broker answered with; `context` says of what, and may bring the broker's own message. */
export function errorOf(
  code: number,
  context: Omit<KafkaErrorOptions, 'code'> & { readonly message?: string | null } = {},
): KafkaError {
  const { name, reaction, text } = errorByCode(code)
  const { message, ...rest } = context
  const detail = byCode.has(code) ? text : `${text} (${code})`
  const whole = message ? `${detail} The broker says: ${message}` : detail
  const flags = {
    retriable: reaction === 'retry' || reaction === 'refresh' || reaction === 'find-coordinator',
    fatal: reaction === 'fence',
    abortable: reaction === 'abort',
  }
  return CLASSES.get(name)?.(whole, { ...flags, ...rest }) ?? new KafkaError(whole, { ...flags, ...rest, code: name })
}

/**
 * What observers are told, for each channel of diagnostics.ts. These types are a contract with the outside: fields may
 * be added, none changes its meaning. Optional fields without `readonly` become known on the way and are there at the
 * end.
 */

interface Client {
  readonly clientId: string
}

interface GroupMember extends Client {
  readonly groupId: string | undefined
}

export interface TopicPartitionName {
  readonly topic: string
  readonly partition: number
}

export interface TopicPartitionOffset extends TopicPartitionName {
  readonly offset: bigint
}

/** One record, from `send` to the broker's answer. */
export interface SendPayload extends Client {
  readonly topic: string
  readonly transactionalId: string | undefined
  /** Whether there is a value: a record without one deletes its key in a compacted topic. */
  readonly tombstone: boolean
  /** Observers may add to it before the record is serialized; what is added travels with the record. */
  readonly headers: { add(name: string, value: string | Uint8Array): void }
  partition?: number
  offset?: bigint
}

export interface FlushPayload extends Client {
  /** Records that were waiting when the flush began. */
  readonly records: number
}

/** One fetch from one broker. */
export interface FetchPayload extends GroupMember {
  readonly broker: string
  readonly partitions: number
  records?: number
  bytes?: number
}

/** Records in the hands of the application: one, or the batch it asked for, always of one partition. */
export interface ProcessPayload extends GroupMember, TopicPartitionName {
  readonly firstOffset: bigint
  readonly records: number
  /** The last value of a header of the first record, as UTF-8; how the sender's trace is found. */
  header(name: string): string | undefined
}

export interface CommitPayload extends GroupMember {
  readonly offsets: readonly TopicPartitionOffset[]
}

export interface RebalancePayload extends Client {
  readonly groupId: string
  readonly protocol: 'classic' | 'consumer'
  readonly reason: string
  memberId?: string
  /** The generation of a classic group, the epoch of the member otherwise. */
  generation?: number
  assigned?: readonly TopicPartitionName[]
  revoked?: readonly TopicPartitionName[]
  lost?: readonly TopicPartitionName[]
}

/** From the begin of a transaction to the end of its commit or abort. */
export interface TransactionPayload extends Client {
  readonly transactionalId: string
  producerId?: bigint
  producerEpoch?: number
  outcome?: 'committed' | 'aborted' | 'unknown'
}

/** One request on one connection, from writing to the response. */
export interface RequestPayload extends Client {
  /** `host:port`. */
  readonly broker: string
  readonly nodeId: number | undefined
  readonly api: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly requestBytes: number
  responseBytes?: number
  throttleTimeMs?: number
}

/** One connection, from opening the socket to the end of authentication. */
export interface ConnectPayload extends Client {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly saslMechanism: string | undefined
}

/** Operations that begin, may wait and end. */
export interface OperationPayloads {
  readonly send: SendPayload
  readonly flush: FlushPayload
  readonly fetch: FetchPayload
  readonly process: ProcessPayload
  readonly commit: CommitPayload
  readonly rebalance: RebalancePayload
  readonly transaction: TransactionPayload
  readonly request: RequestPayload
  readonly connect: ConnectPayload
}

/** How far a consumer is behind on one partition, said after each fetch of it. */
export interface LagPayload extends GroupMember, TopicPartitionName {
  readonly position: bigint
  readonly endOffset: bigint
  readonly lag: number
}

/** A broker asked a client to wait. */
export interface ThrottlePayload extends Client {
  readonly broker: string
  readonly api: string
  readonly throttleTimeMs: number
}

/** A member leaves its group because its application did not poll for longer than `maxPollIntervalMs`. */
export interface PollOverduePayload extends GroupMember {
  readonly memberId: string
  readonly silentMs: number
  readonly maxPollIntervalMs: number
}

/** A fault that a test or an operator has set up has struck. */
export interface FaultPayload {
  readonly nodeId: number
  readonly api: string
  readonly clientId: string | undefined
  readonly fault: string
}

/** What an exactly-once helper has found out or done. */
export interface ExactlyOncePayload {
  /** The helper: `dedup`, `ledger`, `transactionalLoop`, ... */
  readonly helper: string
  /** `processed`, `duplicate`, `fenced`, ...: the names of the helper's counters. */
  readonly what: string
  readonly topic?: string
  readonly partition?: number
  readonly offset?: bigint
  /** How many records it is about: 1 where nothing is said. */
  readonly records?: number
}

/** Things that happen at one moment. */
export interface EventPayloads {
  readonly lag: LagPayload
  readonly throttle: ThrottlePayload
  readonly pollOverdue: PollOverduePayload
  readonly fault: FaultPayload
  readonly exactlyOnce: ExactlyOncePayload
}

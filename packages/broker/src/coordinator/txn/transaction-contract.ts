/**
 * What the coordinator of transactions is asked and answers, and what it needs of its surroundings.
 */
import { codeOf } from '../../cluster/partitions.js'
import type { Answer, Reply } from '../shard.js'
import { NO_EPOCH, NO_ID, type PartitionsOfTopic, type TransactionVersion } from './transaction.js'
import type { ProducerIdentity } from './transaction-rules.js'

export interface InitRequest {
  readonly timeoutMs: number
  /** What a producer has that wants to go on under a new epoch; undefined from one that starts. */
  readonly expected: ProducerIdentity | undefined
}

export interface AddRequest extends ProducerIdentity {
  readonly partitions: readonly PartitionsOfTopic[]
  readonly clientVersion: TransactionVersion
}

export interface EndRequest extends ProducerIdentity {
  readonly isCommit: boolean
  readonly clientVersion: TransactionVersion
}

export interface ProducerAnswer extends ProducerIdentity {
  readonly errorCode: number
}

/** The markers that a transaction waits for. */
export interface MarkerOrder extends ProducerIdentity {
  readonly transactionalId: string
  readonly isCommit: boolean
  readonly coordinatorEpoch: number
  readonly transactionVersion: TransactionVersion
  readonly partitions: readonly PartitionsOfTopic[]
}

/** Which markers are in their logs. Those that are left are ordered again. */
export interface MarkerReport extends ProducerIdentity {
  readonly transactionalId: string
  readonly written: readonly PartitionsOfTopic[]
  readonly areLeft: boolean
}

export function refusalOf(errorCode: number): ProducerAnswer {
  return { errorCode, producerId: NO_ID, producerEpoch: NO_EPOCH }
}

export function producerAnswer(reply: Reply<ProducerAnswer>, answer: ProducerAnswer): Answer {
  return { give: () => reply(answer), refuse: code => reply(refusalOf(code)) }
}

export function refusedAnswer(reply: Reply<ProducerAnswer>, error: string): Answer {
  return producerAnswer(reply, refusalOf(codeOf(error)))
}

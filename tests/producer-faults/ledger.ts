/**
 * Ledger: every record that was given to a producer, in the order in which the producer took it, and what its sender was
 * told: how often, and what.
 */
import type { Interceptor, RecordMetadata } from '@samsa/producer'
import { KafkaError } from '@samsa/runtime'

export type Outcome =
  | { readonly kind: 'acknowledged'; readonly partition: number; readonly offset: number }
  | { readonly kind: 'failed'; readonly error: KafkaError }

export class Entry {
  readonly id: string
  readonly producer: number
  readonly topic: string
  /** Among the records that its producer took. -1 while it was given to none. */
  order = -1
  /** What its sender was told; more than one is a mistake of the producer's. */
  readonly told: Outcome[] = []
  /** Nobody was told of it alone. */
  isUnheard = false

  constructor(id: string, producer: number, topic: string) {
    this.id = id
    this.producer = producer
    this.topic = topic
  }

  tell(outcome: Outcome): void {
    this.told.push(outcome)
  }
}

export class Ledger {
  readonly entries: Map<string, Entry> = new Map()
  /** By producer: records that it took, and outcomes that it told its interceptor. */
  readonly taken: number[] = []
  readonly observed: number[] = []

  add(producer: number, topic: string): Entry {
    const entry = new Entry(`r${this.entries.size}`, producer, topic)
    this.entries.set(entry.id, entry)
    return entry
  }

  /** The record that has this value. */
  find(value: string | null): Entry | undefined {
    return this.entries.get(value?.split(' ', 1)[0] ?? '')
  }

  /** Notes the order in which the producer takes records, and counts their outcomes beside what senders are told. */
  interceptor(producer: number): Interceptor {
    return {
      onSend: record => {
        const entry = this.find(String(record.value))
        if (entry === undefined) throw new Error('a record that nobody sent')
        entry.order = this.taken[producer] ?? 0
        this.taken[producer] = entry.order + 1
        return record
      },
      onAcknowledgement: () => {
        this.observed[producer] = (this.observed[producer] ?? 0) + 1
      },
    }
  }
}

/** The two arguments of a callback as one outcome. */
export function outcomeOf(error: unknown, metadata: RecordMetadata | undefined): Outcome {
  if (metadata !== undefined && error === undefined) {
    return { kind: 'acknowledged', partition: metadata.partition, offset: Number(metadata.offset) }
  }
  if (error instanceof KafkaError) return { kind: 'failed', error }
  return { kind: 'failed', error: new KafkaError(`no error of ours: ${String(error)}`, { code: 'NOT_OURS' }) }
}

/**
 * RecordedProducer: a producer that writes down what it is asked to send and what its transactions come to.
 */
import {
  type Bytes,
  type DeliveryCallback,
  type GroupMetadata,
  Producer,
  type ProducerOptions,
  type ProducerRecord,
  type RecordHeaders,
  type RecordMetadata,
  type Transaction,
  type TransactionOffsets,
} from '@samsa/producer'
import type { WaitOptions } from '@samsa/runtime'
import type { HistoryEvent, HistoryOutcome } from './history-event.js'

/**
 * The header by which a record is known. Sent with the value that it has in another record, it says that this one was made
 * of that one; the record then gets its own.
 */
export const historyHeader = 'samsa-history-id'

export interface RecordedParts {
  readonly write: (event: HistoryEvent) => void
  readonly process: string
}

type Tell = (type: HistoryOutcome, error?: string) => void

interface Marked<Key, Value> {
  readonly record: ProducerRecord<Key, Value>
  readonly told: DeliveryCallback
}

export class RecordedProducer<Key = Bytes, Value = Bytes> extends Producer<Key, Value> {
  readonly #parts: RecordedParts
  #records = 0
  #transactions = 0
  /** The last one that was begun. */
  #transaction: string | undefined

  constructor(options: ProducerOptions<Key, Value>, parts: RecordedParts) {
    super(options)
    this.#parts = parts
  }

  override send(record: ProducerRecord<Key, Value>, options?: WaitOptions): Promise<RecordMetadata>
  override send(record: ProducerRecord<Key, Value>, callback: DeliveryCallback): void
  override send(
    record: ProducerRecord<Key, Value>,
    how?: WaitOptions | DeliveryCallback,
  ): Promise<RecordMetadata> | undefined {
    const { record: marked, told } = this.#marked(record)
    if (typeof how === 'function') {
      super.send(marked, (error, metadata) => {
        told(error, metadata)
        how(error, metadata)
      })
      return undefined
    }
    const sent = super.send(marked, how)
    sent.then(
      metadata => told(undefined, metadata),
      error => told(error, undefined),
    )
    return sent
  }

  override enqueue(record: ProducerRecord<Key, Value>, onDelivery?: DeliveryCallback): Promise<void> | undefined {
    const { record: marked, told } = this.#marked(record)
    return super.enqueue(marked, (error, metadata) => {
      told(error, metadata)
      onDelivery?.(error, metadata)
    })
  }

  override beginTransaction(): void {
    super.beginTransaction()
    this.#begin()
  }

  override async sendOffsetsToTransaction(
    offsets: TransactionOffsets,
    group: GroupMetadata,
    options?: WaitOptions,
  ): Promise<void> {
    const all = [...offsets]
    const told = all.map(({ topic, partition, offset }) => ({ topic, partition, offset: Number(offset) }))
    const parts = { process: this.#parts.process, transaction: this.#transaction, group: group.groupId, offsets: told }
    await this.#outcomeOf(
      (type, error) => this.#parts.write({ op: 'offsets', type, ...parts, error }),
      () => super.sendOffsetsToTransaction(all, group, options),
    )
  }

  override async commitTransaction(options?: WaitOptions): Promise<void> {
    await this.#outcomeOf(this.#end('commit'), () => super.commitTransaction(options))
  }

  override async abortTransaction(options?: WaitOptions): Promise<void> {
    await this.#outcomeOf(this.#end('abort'), () => super.abortTransaction(options))
  }

  override async transaction<T>(
    work: (transaction: Transaction<Key, Value>) => T | Promise<T>,
    options?: WaitOptions,
  ): Promise<T> {
    let end: Tell | undefined
    try {
      const result = await super.transaction(async transaction => {
        this.#begin()
        const given = await work(transaction)
        end = this.#end('commit')
        end('invoke')
        return given
      }, options)
      end?.('ok')
      return result
    } catch (error) {
      end?.('info', textOf(error))
      throw error
    }
  }

  #marked(record: ProducerRecord<Key, Value>): Marked<Key, Value> {
    const { write, process } = this.#parts
    const isRecord = typeof record === 'object' && typeof record?.topic === 'string' && record.topic !== ''
    // What is no record the producer refuses, and nothing has happened.
    if (!isRecord) return { record, told: () => {} }
    const { topic, partition, headers } = record
    const id = `${process}:${++this.#records}`
    const transaction = this.#transaction
    write({ op: 'send', type: 'invoke', process, id, topic, partition, transaction, input: inputOf(headers) })
    return {
      record: { ...record, headers: withId(headers, id) },
      told: (error, metadata) => {
        if (metadata === undefined) write({ op: 'send', type: 'info', process, id, error: textOf(error) })
        else {
          const { partition, offset } = metadata
          write({ op: 'send', type: 'ok', process, id, topic, partition, offset: Number(offset) })
        }
      },
    }
  }

  #begin(): void {
    const { write, process } = this.#parts
    const transaction = `${process}:t${++this.#transactions}`
    this.#transaction = transaction
    write({ op: 'begin', type: 'ok', process, transaction })
  }

  #end(op: 'commit' | 'abort'): Tell {
    const { write, process } = this.#parts
    const transaction = this.#transaction
    return (type, error) => {
      if (transaction !== undefined) write({ op, type, process, transaction, error })
    }
  }

  async #outcomeOf(tell: Tell, work: () => Promise<void>): Promise<void> {
    tell('invoke')
    try {
      await work()
    } catch (error) {
      tell('info', textOf(error))
      throw error
    }
    tell('ok')
  }
}

function withId(headers: RecordHeaders | undefined, id: string): RecordHeaders {
  if (headers === undefined) return { [historyHeader]: id }
  if (!Array.isArray(headers)) return { ...headers, [historyHeader]: id }
  return [...headers.filter(([name]) => name !== historyHeader), [historyHeader, id]]
}

function inputOf(headers: RecordHeaders | undefined): string | undefined {
  if (headers === undefined || headers === null || typeof headers !== 'object') return undefined
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(headers) ? headers : Object.entries(headers)
  const value = entries.findLast(([name]) => name === historyHeader)?.[1]
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  return typeof value === 'string' && value !== '' ? value : undefined
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/**
 * `outbox`: records put into a box of the database, by the transaction of the results, and relayed from there.
 */
import { randomUUID } from 'node:crypto'
import { keyPartition, type ProducerRecord, type Serde } from '@samsa/producer'
import { checkRecord, checkTopicName, serialized, writableHeaders } from '@samsa/producer/internal'
import { ConfigError } from '@samsa/runtime'
import { hasMethods } from '@samsa/runtime/internal'
import type { OutboxRecord, OutboxStore, WaitingInLane } from '../store/outbox-store.js'
import { type BoxConfig, checkedBox, checkedRelay, type OutboxOptions, type RelayOptions } from './outbox-options.js'
import { Relay } from './relay.js'

/** What is put into a box. Its timestamp will be that of its sending. */
export type RecordToPut<Key, Value> = Omit<ProducerRecord<Key, Value>, 'timestamp'>

type Bytes = string | Uint8Array | null

/**
 * A record that was put by a transaction that committed is sent, however often anything dies in between; one whose transaction
 * was rolled back never is. How often it is seen is the relay's promise: see its `mode`. Records of one key are sent in the order
 * in which the database was given them; two transactions that write a key at the same time have no order but that.
 */
export function outbox<Tx, Key = Bytes, Value = Bytes>(
  store: OutboxStore<Tx>,
  options: OutboxOptions<Key, Value>,
): Outbox<Tx, Key, Value> {
  if (!hasMethods(store, 'transaction', 'putInOutbox', 'readOutbox', 'removeFromOutbox', 'waitingInOutbox')) {
    throw new ConfigError('outbox: the store needs putInOutbox, readOutbox, removeFromOutbox and waitingInOutbox.')
  }
  return new Outbox(store, options)
}

/** What waits in a box. */
export interface WaitingInBox {
  readonly records: number
  /** 0 when nothing waits. */
  readonly oldestAgeMs: number
  readonly lanes: readonly WaitingInLane[]
}

export class Outbox<Tx, Key, Value> {
  readonly name: string
  readonly #store: OutboxStore<Tx>
  readonly #config: BoxConfig
  readonly #key: Serde<unknown> | undefined
  readonly #value: Serde<unknown> | undefined

  constructor(store: OutboxStore<Tx>, options: OutboxOptions<Key, Value>) {
    this.#store = store
    this.#config = checkedBox(options)
    this.name = this.#config.name
    this.#key = options.key as Serde<unknown> | undefined
    this.#value = options.value as Serde<unknown> | undefined
  }

  /** As part of the transaction: sent if it commits. Several are sent in their order, as far as they have one key. */
  async put(tx: Tx, records: RecordToPut<Key, Value> | readonly RecordToPut<Key, Value>[]): Promise<void> {
    const byLane = new Map<number, OutboxRecord[]>()
    for (const given of (Array.isArray(records) ? records : [records]) as readonly RecordToPut<Key, Value>[]) {
      const record = this.#recordOf(given)
      const lane = keyPartition(record.key ?? record.id, this.#config.lanes)
      const others = byLane.get(lane)
      if (others === undefined) byLane.set(lane, [record])
      else others.push(record)
    }
    const box = this.name
    for (const [lane, ofLane] of byLane) await this.#store.putInOutbox(tx, { box, lane }, ofLane)
  }

  /** Sends what is in the box. Any number of relays may run, in any number of processes. */
  relay(options: RelayOptions): Relay {
    return new Relay(this.#store, this.#config, checkedRelay(options, this.#config, this.#store), options)
  }

  async waiting(): Promise<WaitingInBox> {
    const lanes = await this.#store.waitingInOutbox(this.#config.name)
    return {
      records: lanes.reduce((sum, { records }) => sum + records, 0),
      oldestAgeMs: Math.max(0, ...lanes.map(({ oldestAgeMs }) => oldestAgeMs)),
      lanes,
    }
  }

  #recordOf(given: RecordToPut<Key, Value>): OutboxRecord {
    checkRecord(given)
    const { topic, partition, key, value, headers } = given
    checkTopicName(topic)
    return {
      id: randomUUID(),
      topic,
      partition,
      key: bytesOf(this.#key, key, topic, true),
      value: bytesOf(this.#value, value, topic, false),
      headers: writableHeaders(headers).map(header => [header.key, asBytes(header.value)]),
    }
  }
}

function bytesOf(serde: Serde<unknown> | undefined, value: unknown, topic: string, isKey: boolean): Uint8Array | null {
  return value === null || (value === undefined && isKey) ? null : asBytes(serialized(serde, value, topic, isKey))
}

function asBytes(value: string | Uint8Array | null | undefined): Uint8Array | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? Buffer.from(value) : value
}

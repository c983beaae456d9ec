/**
 * The options of a consumer: those of every client, those of members of a group (group-options.ts), and its own. Defaults
 * are the Java client's unless a row says why not.
 */
import {
  type ClientRows,
  clientComputes,
  clientIgnored,
  clientRows,
  clientRules,
  type Serde,
  type SerdeRow,
  serdeRow,
} from '@samsa/client/internal'
import type { ConfigOf, ConfigTable, InputOf } from '@samsa/runtime'
import { configTable } from '@samsa/runtime/internal'
import { type GroupRows, groupComputes, groupRows, groupRules } from './group-options.js'
import { handlingRows } from './handling-options.js'
import { durationFrom } from './iso-duration.js'

interface DurationReset {
  readonly byDurationMs: number
}

function isDurationReset(value: unknown): value is DurationReset {
  if (typeof value !== 'object' || value === null) return false
  const durationMs: unknown = Reflect.get(value, 'byDurationMs')
  return typeof durationMs === 'number' && Number.isSafeInteger(durationMs) && durationMs >= 0
}

const BY_DURATION = 'by_duration:'
/** Names of librdkafka's and of times long gone. */
const OLD_RESETS: Readonly<Record<string, string>> = {
  smallest: 'earliest',
  beginning: 'earliest',
  largest: 'latest',
  end: 'latest',
  error: 'none',
}

function resetFrom(text: string): unknown {
  const word = text.toLowerCase()
  if (!word.startsWith(BY_DURATION)) return OLD_RESETS[word] ?? word
  const byDurationMs = durationFrom(text.slice(BY_DURATION.length))
  return byDurationMs === undefined ? undefined : { byDurationMs }
}

const ownRows = {
  autoOffsetReset: {
    type: 'either',
    of: [
      { type: 'enum', values: ['earliest', 'latest', 'none'] },
      {
        type: 'object',
        guard: isDurationReset as (value: unknown) => value is DurationReset,
        expects: '{ byDurationMs } of whole milliseconds',
      },
    ],
    kafka: 'auto.offset.reset',
    default: 'latest',
    fromKafka: resetFrom as (text: string) => unknown,
    text: 'Where reading begins without a position, or when the log no longer has it: at an end, as long ago as that, or not at all.',
  },
  isolationLevel: {
    type: 'enum',
    values: ['readUncommitted', 'readCommitted'],
    kafka: 'isolation.level',
    default: 'readUncommitted',
    text: 'Whether records of transactions are seen at once, or when they are committed and never if they are aborted.',
  },
  maxPollRecords: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'max.poll.records',
    default: 500,
    text: 'The most records that one poll returns, and that one partition gives before others have their turn.',
  },
  fetchMinBytes: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    kafka: 'fetch.min.bytes',
    default: 1,
    text: 'The broker answers when it has so many bytes, or when fetchMaxWaitMs is over.',
  },
  fetchMaxWaitMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    kafka: ['fetch.max.wait.ms', 'fetch.wait.max.ms'],
    default: 500,
    text: 'How long the broker waits for fetchMinBytes.',
  },
  fetchMaxBytes: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'fetch.max.bytes',
    default: 52_428_800,
    text: 'The most bytes of one answer; a first batch that is larger comes all the same.',
  },
  maxPartitionFetchBytes: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: ['max.partition.fetch.bytes', 'fetch.message.max.bytes'],
    default: 1_048_576,
    text: 'The most bytes of one partition in an answer; a first batch that is larger comes all the same.',
  },
  fetchBufferBytes: {
    type: 'integer',
    min: 1,
    max: 9_007_199_254_740_991,
    kafka: null,
    default: 67_108_864,
    text: 'The most bytes that are fetched ahead of the application, over all partitions.',
  },
  checkCrcs: {
    type: 'boolean',
    kafka: 'check.crcs',
    default: true,
    text: 'Checks that batches are as they were written, before they are read.',
  },
  clientRack: {
    type: 'string',
    kafka: 'client.rack',
    default: '',
    text: 'Where the consumer is: a broker that knows may send it to a replica nearby.',
  },
  allowAutoCreateTopics: {
    type: 'boolean',
    kafka: 'allow.auto.create.topics',
    default: true,
    text: 'Whether asking for a topic may create it, where the broker does so.',
  },
  key: serdeRow('key.deserializer', 'What bytes of keys become; without it they stay bytes.') as SerdeRow,
  value: serdeRow('value.deserializer', 'What bytes of values become; without it they stay bytes.') as SerdeRow,
} as const

export type ConsumerRows = ClientRows & GroupRows & typeof ownRows & typeof handlingRows

export const consumerRows: ConsumerRows = { ...clientRows, ...groupRows, ...ownRows, ...handlingRows }

export const consumerOptions: ConfigTable<ConsumerRows> = configTable({
  name: 'consumer',
  rows: consumerRows,
  compute: { ...clientComputes, ...groupComputes },
  rules: [
    ...clientRules,
    ...groupRules,
    ({ fetchMaxBytes, maxResponseBytes }) =>
      fetchMaxBytes < maxResponseBytes
        ? undefined
        : `fetchMaxBytes (${fetchMaxBytes}) must be below maxResponseBytes (${maxResponseBytes}): answers would be refused`,
  ],
  ignored: clientIgnored,
})

/** What users write: the serdes say what keys and values are. */
export type ConsumerOptions<Key = Uint8Array, Value = Uint8Array> = Omit<InputOf<ConsumerRows>, 'key' | 'value'> & {
  readonly key?: Serde<Key> | undefined
  readonly value?: Serde<Value> | undefined
}

export type ConsumerConfig = ConfigOf<ConsumerRows>

/**
 * The options of a producer: those of every client, and its own. Defaults are the Java client's unless a row says why not.
 */
import {
  type ClientRows,
  clientComputes,
  clientIgnored,
  clientRows,
  clientRules,
  mayBeCalled,
  noInterceptorsFrom,
  type Serde,
  type SerdeRow,
  serdeRow,
} from '@samsa/client/internal'
import type { ConfigOf, ConfigTable, InputOf } from '@samsa/runtime'
import { configTable } from '@samsa/runtime/internal'
import type { Interceptor } from './interceptors.js'
import type { Partitioner, PartitionFunction } from './partitioner.js'
import type { Bytes } from './record.js'

function isPartitioner(value: unknown): value is Partitioner {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'partition') === 'function'
}

function isPartitionFunction(value: unknown): value is PartitionFunction {
  return typeof value === 'function'
}

function isInterceptor(value: unknown): value is Interceptor {
  return mayBeCalled(value, ['onSend', 'onAcknowledgement', 'close'])
}

function partitionerOfClass(text: string): string | undefined {
  if (text.endsWith('RoundRobinPartitioner')) return 'roundRobin'
  return text === '' ? 'default' : undefined
}

const ownRows = {
  acks: {
    type: 'enum',
    values: ['all', 1, 0],
    kafkaValues: { '-1': 'all' },
    kafka: ['acks', 'request.required.acks'],
    default: 'all',
    text: 'Who must have a record before it counts as sent: all in-sync replicas, the leader (1), or nobody (0).',
  },
  enableIdempotence: {
    type: 'boolean',
    kafka: 'enable.idempotence',
    computed: 'true, unless acks is not all, retries is 0 or maxInFlightRequests is above 5',
    text: 'Numbers batches, so that a broker writes each one once and in order however often it is sent.',
  },
  transactionalId: {
    type: 'string',
    nonEmpty: true,
    kafka: 'transactional.id',
    optional: true,
    text: 'Makes the producer transactional: the name under which transactions survive a restart; a newer producer of the same name takes over.',
  },
  transactionTimeoutMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'transaction.timeout.ms',
    default: 60_000,
    text: 'After how long the broker aborts a transaction that was not ended, and fences its producer.',
  },
  lingerMs: {
    type: 'number',
    min: 0,
    kafka: ['linger.ms', 'queue.buffering.max.ms'],
    default: 0,
    differs:
      'Kafka waits 5 ms. Here all sends of one turn of the event loop come together without waiting, and more do while requests are under way.',
    text: 'How long a batch that is not full waits for more records.',
  },
  batchSize: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    kafka: 'batch.size',
    default: 16_384,
    text: 'Bytes of records, before compression, at which a batch is ready to be sent.',
  },
  maxBatchSize: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: null,
    computed: '32 times batchSize, at most half of maxRequestSize, at least batchSize',
    text: 'Bytes up to which a batch grows while another one of its partition waits to be sent before it.',
  },
  bufferMemory: {
    type: 'integer',
    min: 1,
    max: 9_007_199_254_740_991,
    kafka: 'buffer.memory',
    default: 33_554_432,
    text: 'Bytes that records may take until they are acknowledged, with what waits for them; then send() waits for room.',
  },
  maxBlockMs: {
    type: 'number',
    min: 0,
    kafka: 'max.block.ms',
    default: 60_000,
    text: 'How long a send waits for its topic to be known and for room, and other calls for what they need.',
  },
  maxRequestSize: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'max.request.size',
    default: 1_048_576,
    text: 'The most bytes of a record before compression, and of the batches in one request.',
  },
  compression: {
    type: 'enum',
    values: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    kafka: ['compression.type', 'compression.codec'],
    default: 'none',
    text: 'How batches are compressed.',
  },
  compressionLevel: {
    type: 'integer',
    kafka: null,
    optional: true,
    text: 'How hard the codec tries: gzip 1 to 9, lz4 1 to 17, zstd -131072 to 22; without it as hard as Kafka does.',
  },
  maxInFlightRequests: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: ['max.in.flight.requests.per.connection', 'max.in.flight'],
    default: 5,
    text: 'Requests to one broker that may wait for their answers at the same time.',
  },
  retries: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    infinity: true,
    kafka: ['retries', 'message.send.max.retries'],
    default: Infinity as number,
    differs: 'Kafka writes 2147483647 for what is the same.',
    text: 'How often a batch is sent again after trouble that may pass, within deliveryTimeoutMs.',
  },
  deliveryTimeoutMs: {
    type: 'number',
    min: 0,
    kafka: ['delivery.timeout.ms', 'message.timeout.ms'],
    computed: '120000, at least lingerMs + requestTimeoutMs',
    text: 'By when a record is acknowledged or has failed, counted from the moment at which its batch was begun.',
  },
  partitioner: {
    type: 'either',
    of: [
      { type: 'enum', values: ['default', 'roundRobin', 'random'] },
      {
        type: 'function',
        guard: isPartitionFunction as (value: unknown) => value is PartitionFunction,
        expects: 'that gives the partition of a record',
      },
      {
        type: 'object',
        guard: isPartitioner as (value: unknown) => value is Partitioner,
        expects: 'with a method partition',
      },
    ],
    kafka: 'partitioner.class',
    default: 'default',
    fromKafka: partitionerOfClass as (text: string) => string | undefined,
    text: 'Which partition a record goes to: by its key as the Java client does it, in turn, at random, or as a function says.',
  },
  partitionerAdaptive: {
    type: 'boolean',
    kafka: 'partitioner.adaptive.partitioning.enable',
    default: true,
    text: 'Records without a key go rather to partitions with few batches waiting.',
  },
  partitionerAvailabilityTimeoutMs: {
    type: 'number',
    min: 0,
    kafka: 'partitioner.availability.timeout.ms',
    default: 0,
    text: 'Records without a key avoid a broker that has taken nothing for so long; 0 turns that off.',
  },
  partitionerIgnoreKeys: {
    type: 'boolean',
    kafka: 'partitioner.ignore.keys',
    default: false,
    text: 'The default partitioner treats every record as if it had no key.',
  },
  key: serdeRow('key.serializer', 'How keys become bytes; without it they are strings, bytes or null.') as SerdeRow,
  value: serdeRow(
    'value.serializer',
    'How values become bytes; without it they are strings, bytes or null.',
  ) as SerdeRow,
  interceptors: {
    type: 'list',
    of: {
      type: 'object',
      guard: isInterceptor as (value: unknown) => value is Interceptor,
      expects: 'with onSend or onAcknowledgement',
    },
    kafka: 'interceptor.classes',
    default: [] as readonly never[],
    fromKafka: noInterceptorsFrom as (text: string) => readonly never[] | undefined,
    text: 'Objects that see, and may change, each record before it is sent, and its outcome.',
  },
} as const

export type ProducerRows = ClientRows & typeof ownRows

export const producerRows: ProducerRows = { ...clientRows, ...ownRows }

const MOST_IDEMPOTENT_IN_FLIGHT = 5

export const producerOptions: ConfigTable<ProducerRows> = configTable({
  name: 'producer',
  rows: producerRows,
  compute: {
    ...clientComputes,
    enableIdempotence: ({ acks, retries, maxInFlightRequests, transactionalId }) =>
      transactionalId !== undefined ||
      (acks === 'all' && retries > 0 && maxInFlightRequests <= MOST_IDEMPOTENT_IN_FLIGHT),
    maxBatchSize: ({ batchSize, maxRequestSize }) =>
      Math.max(batchSize, Math.min(32 * batchSize, Math.floor(maxRequestSize / 2)), 1),
    deliveryTimeoutMs: ({ lingerMs, requestTimeoutMs }) => Math.max(120_000, lingerMs + requestTimeoutMs),
  },
  rules: [
    ...clientRules,
    ({ deliveryTimeoutMs, lingerMs, requestTimeoutMs }) =>
      deliveryTimeoutMs >= lingerMs + requestTimeoutMs
        ? undefined
        : `deliveryTimeoutMs (${deliveryTimeoutMs}) must be at least lingerMs + requestTimeoutMs (${lingerMs + requestTimeoutMs})`,
    ({ enableIdempotence, acks }) =>
      enableIdempotence && acks !== 'all' ? `enableIdempotence needs acks: 'all', not ${acks}` : undefined,
    ({ enableIdempotence, retries }) =>
      enableIdempotence && retries === 0 ? 'enableIdempotence needs retries of at least 1' : undefined,
    ({ enableIdempotence, maxInFlightRequests }) =>
      enableIdempotence && maxInFlightRequests > MOST_IDEMPOTENT_IN_FLIGHT
        ? `enableIdempotence needs maxInFlightRequests of at most ${MOST_IDEMPOTENT_IN_FLIGHT}, not ${maxInFlightRequests}: a broker remembers no more batches than that`
        : undefined,
    ({ enableIdempotence, transactionalId }) =>
      transactionalId !== undefined && !enableIdempotence ? 'transactionalId needs enableIdempotence' : undefined,
  ],
  ignored: clientIgnored,
})

/** What users write: the serdes say what keys and values are. */
export type ProducerOptions<Key = Bytes, Value = Bytes> = Omit<InputOf<ProducerRows>, 'key' | 'value'> & {
  readonly key?: Serde<Key> | undefined
  readonly value?: Serde<Value> | undefined
}

export type ProducerConfig = ConfigOf<ProducerRows>

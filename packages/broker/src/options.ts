/**
 * The options of `createBroker`. Kafka's own settings go into `properties`, under Kafka's names; what is here is what an
 * embedded broker is asked for most, and what Kafka has no name for.
 */
import type { ConfigTable, InputOf } from '@samsa/runtime'
import { configTable, hasMethods, surroundingRows } from '@samsa/runtime/internal'
import type { Listener } from './server/listener.js'
import { releaseNames } from './server/releases.js'
import type { ApiVersionRanges } from './server/served-versions.js'
import type { FileSystem } from './storage/file-system.js'

/** Topics to create at the start where they are missing. */
export type InitialTopics = Readonly<
  Record<string, { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> }>
>

function isFileSystem(value: unknown): value is FileSystem {
  return hasMethods(value, 'open', 'rename', 'syncDirectory')
}

function isListener(value: unknown): value is Listener {
  return hasMethods(value, 'listen', 'close')
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isApiVersionRanges(value: unknown): value is ApiVersionRanges {
  return isRecordOf(value, range => {
    if (range === null) return true
    if (!Array.isArray(range) || range.length !== 2) return false
    const [min, max] = range
    return Number.isInteger(min) && Number.isInteger(max) && min >= 0 && min <= max
  })
}

function isInitialTopics(value: unknown): value is InitialTopics {
  return isRecordOf(value, topic => {
    if (typeof topic !== 'object' || topic === null) return false
    const { partitions, configs, ...rest } = topic as Record<string, unknown>
    const isCount = partitions === undefined || (Number.isInteger(partitions) && Number(partitions) >= 1)
    return Object.keys(rest).length === 0 && isCount && (configs === undefined || isTexts(configs))
  })
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecordOf(value, each => typeof each === 'string')
}

function isRecordOf(value: unknown, test: (each: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(test)
}

function isFlushEvery(value: unknown): value is { readonly everyMs: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'everyMs' in value &&
    Number.isInteger(value.everyMs) &&
    Number(value.everyMs) >= 1
  )
}

export const brokerOptionRows = {
  /** The address to listen on. */
  host: {
    type: 'string',
    nonEmpty: true,
    default: '127.0.0.1',
    kafka: null,
    text: 'The address to listen on.',
    differs: 'Kafka listens everywhere; a broker in a test should not.',
  },
  /** The port to listen on; 0 lets the system choose. */
  port: {
    type: 'integer',
    min: 0,
    max: 65535,
    default: 9092,
    kafka: null,
    text: 'The port to listen on; 0 lets the system choose.',
  },
  /** What clients are told to connect to, where it is not the address that is listened on. */
  advertisedHost: {
    type: 'string',
    nonEmpty: true,
    optional: true,
    kafka: null,
    text: 'What clients are told to connect to. Default: the address that is listened on.',
  },
  /** The port that clients are told to connect to. */
  advertisedPort: {
    type: 'integer',
    min: 1,
    max: 65535,
    optional: true,
    kafka: null,
    text: 'The port that clients are told to connect to. Default: the one that is listened on.',
  },
  /** Where data lives. Left out, the broker keeps everything in memory. */
  dataDir: {
    type: 'string',
    nonEmpty: true,
    optional: true,
    kafka: ['log.dirs', 'log.dir'],
    text: 'Where data lives. Left out, the broker keeps everything in memory.',
  },
  /** What an acknowledgement promises: `os`, `always`, or `{ everyMs }`. */
  flush: {
    type: 'either',
    of: [
      { type: 'enum', values: ['os', 'always'] },
      {
        type: 'object',
        guard: isFlushEvery as (value: unknown) => value is { readonly everyMs: number },
        expects: '`{ everyMs }` with whole milliseconds',
      },
    ],
    default: 'os',
    kafka: null,
    text: 'What an acknowledgement promises. `os`: it survives the end of the process, as with Kafka on one node. `always`: it is on disk. `{ everyMs }`: it is on disk after that time at the latest.',
  },
  /** Topics to create at the start where they are missing: `{ orders: { partitions: 6 } }`. */
  topics: {
    type: 'object',
    guard: isInitialTopics as (value: unknown) => value is InitialTopics,
    expects: "topics by name, as in `{ orders: { partitions: 6, configs: { 'retention.ms': '1000' } } }`",
    default: {} as InitialTopics,
    kafka: null,
    text: 'Topics to create at the start where they are missing: `{ orders: { partitions: 6 } }`.',
  },
  /** Kafka's broker settings by Kafka's names. */
  properties: {
    type: 'object',
    guard: isTexts as (value: unknown) => value is Readonly<Record<string, string>>,
    expects: "Kafka's broker settings as text, as in `{ 'log.retention.ms': '60000' }`",
    default: {} as Readonly<Record<string, string>>,
    kafka: null,
    text: "Kafka's broker settings by Kafka's names: `{ 'log.retention.ms': '60000' }`.",
  },
  /** Walk over the records of every batch, as Kafka does, instead of trusting a checksum that fits. */
  checkRecords: {
    type: 'boolean',
    default: false,
    kafka: null,
    text: 'Walk over the records of every batch that a client sends, as Kafka does, instead of trusting a checksum that fits.',
    differs: 'Walking costs more than everything else of an append, and finds only what a broken client made.',
  },
  /** Bytes of recent batches that are kept in memory for consumers at the tail. */
  recentBytes: {
    type: 'integer',
    min: 0,
    default: 33_554_432,
    kafka: null,
    text: 'Bytes of recent batches that are kept in memory for consumers at the tail.',
  },
  /** Most files of `dataDir` that are open at once; others are opened again when they are used. */
  maxOpenFiles: {
    type: 'integer',
    min: 1,
    optional: true,
    kafka: null,
    text: 'Most files of `dataDir` that are open at once; others are opened again when they are used. Default: half of what the system lets the process open (`ulimit -n`), since connections need as many.',
  },
  /** Pause between heartbeats that members of consumer groups are told while their group changes. */
  rebalanceHeartbeatMs: {
    type: 'integer',
    min: 10,
    default: 100,
    kafka: null,
    text: 'Pause between heartbeats that members of consumer groups (`group.protocol=consumer`) are told while their group changes. As long as `group.consumer.heartbeat.interval.ms`, or longer: groups change at the pace of Kafka.',
    differs: 'Kafka always says the configured interval, so that a new member waits five seconds for its partitions.',
  },
  /** How long `close` waits for requests that are under way. */
  closeTimeoutMs: {
    type: 'integer',
    min: 0,
    default: 5000,
    kafka: null,
    text: 'How long `close` waits for requests that are under way.',
  },
  /** Where the broker reports; silent when left out. */
  logger: surroundingRows.logger as typeof surroundingRows.logger,
  /** Time, for tests. */
  clock: surroundingRows.clock as typeof surroundingRows.clock,
  /** Chance, for tests. */
  random: surroundingRows.random as typeof surroundingRows.random,
  /** The disk, for tests; needs `dataDir`. */
  fileSystem: {
    type: 'object',
    guard: isFileSystem as (value: unknown) => value is FileSystem,
    optional: true,
    kafka: null,
    text: 'The disk, for tests.',
  },
  /** Where connections come from, for tests; in place of `host` and `port`. A function makes that of each node. */
  listener: {
    type: 'either',
    of: [
      { type: 'object', guard: isListener as (value: unknown) => value is Listener, expects: 'a listener' },
      {
        type: 'function',
        guard: isFunction as (value: unknown) => value is (nodeId: number) => Listener,
        expects: 'a function that makes the listener of a node',
      },
    ],
    optional: true,
    kafka: null,
    text: 'Where connections come from, for tests, in place of `host` and `port`. A function makes that of each node.',
  },
  /** Nodes that clients see, for tests: all of them are this one broker, in memory. */
  nodes: {
    type: 'integer',
    min: 1,
    max: 16,
    default: 1,
    kafka: null,
    text: 'Nodes that clients see, for tests. All of them are this one broker, in memory: partitions have leaders on each, and nothing is replicated. Ids go up from `node.id`, ports from `port`.',
  },
  /** Serve only these versions, for tests: `{ Produce: [3, 7], DescribeCluster: null }`. */
  apiVersions: {
    type: 'object',
    guard: isApiVersionRanges as (value: unknown) => value is ApiVersionRanges,
    expects: 'lowest and highest version by API, or null for none, as in `{ Produce: [3, 7], DescribeCluster: null }`',
    default: {} as ApiVersionRanges,
    kafka: null,
    text: 'Serve and report only these versions, for tests: `{ Produce: [3, 7], DescribeCluster: null }`.',
  },
  /** Serve only what that release of Kafka has, for tests. */
  release: {
    type: 'enum',
    values: releaseNames as typeof releaseNames,
    optional: true,
    kafka: null,
    text: 'Serve and report only the APIs, versions and features that this release of Kafka has, for tests. `apiVersions` wins over it.',
  },
} as const

export const brokerOptions: ConfigTable<typeof brokerOptionRows> = configTable({
  name: 'broker',
  rows: brokerOptionRows,
})

export type BrokerOptions = InputOf<typeof brokerOptionRows>

/**
 * The differences from Kafka that are permitted, each with the reason. A rule names the place as closely as it can, and
 * one that was not used in a run is reported, so that the list stays as short as it may be.
 */
import { isStruct, type Rule } from './compare.js'
import { isInside, WRONG_MAX_TIMESTAMP_OFF } from './generate/batches.js'
import { textOf } from './report.js'

/** Where the two brokers live, and what a process with a controller of its own is told. */
const SETTINGS_OF_THE_PLACE = new Set([
  'advertised.listeners',
  'broker.id',
  'controller.listener.names',
  'controller.quorum.bootstrap.servers',
  'inter.broker.listener.name',
  'listener.security.protocol.map',
  'listeners',
  'log.dir',
  'log.dirs',
  'process.roles',
])

export const permitted: readonly Rule[] = [
  {
    api: 'ApiVersions',
    path: 'apiKeys',
    permits: () => true,
    reason: 'Our broker serves fewer APIs; those that it serves are compared by a test of their own.',
  },
  {
    api: 'FindCoordinator',
    permits: () => true,
    reason:
      'Here a coordinator of groups is there when it is first asked for, in Kafka soon after; others there are none yet.',
  },
  {
    api: 'DescribeConfigs',
    path: 'results.configs',
    permits: ({ kafka }) => isStruct(kafka) && SETTINGS_OF_THE_PLACE.has(String(kafka['name'])),
    reason: 'Each broker has addresses and directories of its own, and ours needs no listener for a controller.',
  },
  {
    api: 'Produce',
    path: 'responses.errorMessage',
    permits: ({ kafka, samsa }) => kafka === null && samsa === '<text>',
    reason: 'Our broker says why it refuses a batch, where Kafka often says nothing.',
  },
  {
    api: 'Produce',
    path: 'responses',
    permits: ({ kafka, samsa, note }) => isRefused(kafka) && seemsSound(samsa) && isInside(note),
    parts: true,
    reason: 'Our broker does not walk records under a checksum that fits; Kafka does, and refuses what it finds.',
  },
  {
    api: 'Produce',
    path: 'responses.errorCode',
    permits: ({ kafka, samsa, note }) => kafka === UNKNOWN && samsa === INVALID_RECORD && note.includes('claims gzip'),
    reason: 'Kafka fails with an internal error where records cannot be decompressed; ours is INVALID_RECORD.',
  },
  {
    api: 'Produce',
    path: 'responses',
    permits: ({ kafka, note }) => codeOf(kafka) === UNKNOWN && note.includes('unknown codec'),
    parts: true,
    reason:
      'Kafka fails with an internal error on a codec that there is not, and before version 7 all of the request does.',
  },
  {
    api: 'Produce',
    path: 'responses',
    permits: ({ kafka, request }) => codeOf(kafka) === UNKNOWN && hasEpochBelowZero(request),
    parts: true,
    reason: 'Kafka fails with an internal error where it writes a batch anew whose producer has an epoch below zero.',
  },
  {
    api: 'Fetch',
    path: 'responses.records.maxTimestamp',
    permits: ({ kafka, samsa }) => samsa === -1 || Number(samsa) - Number(kafka) === WRONG_MAX_TIMESTAMP_OFF,
    reason: 'The greatest timestamp in a header is the word of the producer, whose records are not walked.',
  },
  {
    api: 'Fetch',
    path: 'responses.records.attributes',
    permits: ({ kafka, samsa }) => (Number(samsa) & KNOWN_ATTRIBUTES) === kafka,
    reason: 'Kafka drops the bits of the attributes that mean nothing where it stamps records; ours keeps them.',
  },
  {
    api: 'DescribeLogDirs',
    path: 'results.topics.partitions.partitionSize',
    permits: ({ note, kafka, samsa }) => note.includes('recompressed') && Number(kafka) > 0 && Number(samsa) > 0,
    reason: 'Where the broker compresses records anew, the two compress with different libraries.',
  },
  {
    api: 'Fetch',
    permits: ({ path, kafka, request }) =>
      (path === '' || path === 'responses') && isolationOf(request) > 1 && codeOf(kafka) === UNKNOWN,
    parts: true,
    reason: 'Kafka fails with an internal error on an isolation level that there is not; ours reads uncommitted.',
  },
  {
    api: 'Fetch',
    path: 'responses',
    permits: ({ kafka, request }) => codeOf(kafka) === UNKNOWN && /axBytes":-/.test(textOf(request)),
    reason: 'Kafka fails with an internal error on limits below zero; ours takes them for zero.',
  },
  {
    api: 'Fetch',
    path: 'responses.errorCode',
    permits: ({ version, kafka, samsa, request }) =>
      version >= 13 && kafka === UNKNOWN_TOPIC_OR_PARTITION && samsa === UNKNOWN_TOPIC_ID && isIncremental(request),
    reason: 'A session of Kafka keeps the name of a topic that is gone; ours knows its id alone.',
  },
  {
    api: 'Fetch',
    path: 'responses.errorCode',
    permits: ({ version, kafka, samsa, request }) =>
      version < 13 && kafka === UNKNOWN_TOPIC_OR_PARTITION && samsa === UNKNOWN_TOPIC_ID && asksForNoName(request),
    reason: 'Before topics have ids, ours takes the empty name for an id that it does not know.',
  },
  {
    api: 'DescribeProducers',
    path: 'topics.partitions.activeProducers.lastTimestamp',
    permits: ({ kafka, samsa }) => Number(samsa) === -1 || Number(samsa) - Number(kafka) === WRONG_MAX_TIMESTAMP_OFF,
    reason: 'What a producer wrote last has the greatest timestamp that its header claims.',
  },
  {
    api: 'DescribeProducers',
    path: 'topics.partitions.errorMessage',
    permits: ({ kafka, samsa }) => kafka === null && samsa === '<text>',
    reason: 'Our broker says that there is no such partition, where Kafka says nothing.',
  },
  {
    api: 'DescribeConfigs',
    path: 'results',
    permits: ({ kafka, samsa }) => typeOf(kafka) === LOGGER && codeOf(samsa) === INVALID_REQUEST,
    reason: 'Our broker has no loggers that could be described.',
  },
  {
    api: 'DescribeTopicPartitions',
    permits: ({ path, kafka, request }) => path === '' && hasUnknownError(kafka) && asksForNoName(request),
    reason: 'Kafka fails with an internal error on a topic without a name; ours is INVALID_TOPIC_EXCEPTION.',
  },
  {
    api: 'IncrementalAlterConfigs',
    path: 'responses',
    permits: ({ kafka, samsa }) => typeOf(kafka) === LOGGER && codeOf(samsa) === INVALID_REQUEST,
    reason: 'Our broker has no loggers whose levels could be changed.',
  },
]

const UNKNOWN = -1
const UNKNOWN_TOPIC_OR_PARTITION = 3
const INVALID_REQUEST = 42
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const INVALID_RECORD = 87
const UNKNOWN_TOPIC_ID = 100
const LOGGER = 8
const KNOWN_ATTRIBUTES = 0x7f

function codeOf(answer: unknown): unknown {
  return isStruct(answer) ? answer['errorCode'] : undefined
}

function hasUnknownError(answer: unknown): boolean {
  const topics = isStruct(answer) ? answer['topics'] : undefined
  return Array.isArray(topics) && topics.every(topic => codeOf(topic) === UNKNOWN)
}

function asksForNoName(request: unknown): boolean {
  const topics = isStruct(request) ? request['topics'] : undefined
  return Array.isArray(topics) && topics.some(topic => isStruct(topic) && (topic['name'] ?? topic['topic']) === '')
}

function typeOf(answer: unknown): unknown {
  return isStruct(answer) ? answer['resourceType'] : undefined
}

/** Taken, or refused for where it stands in the producer's sequence. */
function seemsSound(answer: unknown): boolean {
  return codeOf(answer) === 0 || codeOf(answer) === OUT_OF_ORDER_SEQUENCE_NUMBER
}

function isRefused(answer: unknown): boolean {
  return typeof codeOf(answer) === 'number' && codeOf(answer) !== 0
}

function hasEpochBelowZero(request: unknown): boolean {
  return /"producerId":"<producer [^"]+","producerEpoch":-/.test(textOf(request))
}

function isolationOf(request: unknown): number {
  return isStruct(request) ? Number(request['isolationLevel']) : 0
}

function isIncremental(request: unknown): boolean {
  return isStruct(request) && Number(request['sessionEpoch']) > 0
}

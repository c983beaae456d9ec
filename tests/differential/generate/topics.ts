/**
 * Requests that make, widen, delete and describe topics.
 */
import {
  type CreateTopicsRequestTopic,
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopicPartitions,
  metadata,
  ZERO_UUID,
} from '@samsa/protocol'
import { nobodysId, type Step, step } from '../step.js'
import { topicSettings } from './settings.js'
import type { World } from './world.js'

const NODE = 1
const TIMEOUT_MS = 30_000

/** Good requests alone, so that a sequence has something to work with. */
export function firstTopic(world: World): Step {
  const { draw } = world
  const name = world.freshName()
  const numPartitions = draw.one([1, 1, 1, 2, 2, 3])
  const configs = draw.percent(50) ? [] : draw.several(1, 2, () => draw.one(topicSettings.useful))
  const once = [...new Map(configs.map(config => [config.name, config])).values()]
  const isRecompressed = once.some(config => config.name === 'compression.type')
  world.added(name, numPartitions, isRecompressed)
  return step(createTopics, draw.between(2, 7), {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: once }],
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  })
}

export function create(world: World): Step {
  const { draw } = world
  const version = draw.between(2, 7)
  const validateOnly = draw.percent(35)
  const topics = draw.several(1, draw.percent(70) ? 1 : 3, () => newTopic(world))
  if (draw.percent(8)) topics.push(draw.one(topics))
  if (!validateOnly) for (const topic of topics) world.added(topic.name, Math.max(1, Math.min(topic.numPartitions, 4)))
  return step(createTopics, version, { topics, timeoutMs: TIMEOUT_MS, validateOnly })
}

function newTopic(world: World): CreateTopicsRequestTopic {
  const { draw } = world
  const name = newName(world)
  const configs = draw.percent(60) ? [] : draw.several(1, 3, () => topicSettings.some(draw))
  if (draw.percent(25)) {
    const isBad = draw.percent(40)
    const assignments = isBad
      ? badAssignments(world)
      : draw.several(1, 3, index => ({ partitionIndex: index, brokerIds: [NODE] }))
    const numPartitions = draw.percent(85) ? -1 : assignments.length
    return { name, numPartitions, replicationFactor: draw.percent(85) ? -1 : 1, assignments, configs }
  }
  const numPartitions = draw.percent(80) ? draw.one([1, 1, 2]) : draw.one([-1, 0, -2, -1])
  const replicationFactor = draw.percent(80) ? draw.one([1, 1, -1]) : draw.one([0, 2, 3, -2, 32_767])
  return { name, numPartitions, replicationFactor, assignments: [], configs }
}

function badAssignments({ draw }: World): { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[] {
  return draw.one([
    [{ partitionIndex: 1, brokerIds: [NODE] }],
    [{ partitionIndex: 0, brokerIds: [] }],
    [{ partitionIndex: 0, brokerIds: [NODE, NODE] }],
    [{ partitionIndex: 0, brokerIds: [7] }],
    [{ partitionIndex: -1, brokerIds: [NODE] }],
    [
      { partitionIndex: 0, brokerIds: [NODE] },
      { partitionIndex: 2, brokerIds: [NODE] },
    ],
    [
      { partitionIndex: 0, brokerIds: [NODE] },
      { partitionIndex: 0, brokerIds: [NODE] },
    ],
    [
      { partitionIndex: 0, brokerIds: [NODE] },
      { partitionIndex: 1, brokerIds: [NODE, 2] },
    ],
  ])
}

function newName(world: World): string {
  const { draw } = world
  if (draw.percent(8)) return world.badName()
  if (draw.percent(12) && world.topics.length > 0) return draw.one(world.topics).name
  if (draw.percent(25)) return colliding(world)
  return world.freshName()
}

/** Kafka's metrics cannot tell a dot from an underscore, so that no two names may differ in that alone. */
function colliding({ draw, live, prefix }: World): string {
  const marked = live.filter(topic => /[._]/.test(topic.name))
  if (marked.length === 0) return `${prefix}c${draw.one(['.', '_'])}x`
  return draw.one(marked).name.replace(/[._]/, mark => (mark === '.' ? '_' : '.'))
}

export function remove(world: World): Step {
  const { draw } = world
  const version = draw.between(1, 6)
  const byId = (): boolean => draw.percent(40)
  const wanted = draw.several(1, 3, () => ({
    name: world.someName(),
    byId: byId(),
    both: draw.percent(6),
    neither: draw.percent(3),
  }))
  const first = wanted[0]
  if (first !== undefined && draw.percent(15)) wanted.push({ ...first, byId: byId() })
  for (const { name } of wanted) {
    const topic = world.topics.find(each => each.name === name)
    if (topic !== undefined) topic.isLive = false
  }
  if (version < 6)
    return step(deleteTopics, version, { topicNames: wanted.map(each => each.name), timeoutMs: TIMEOUT_MS })
  return step(
    deleteTopics,
    version,
    bindings => ({
      topics: wanted.map(({ name, byId: isById, both, neither }) => {
        if (neither) return { name: null, topicId: ZERO_UUID }
        if (both) return { name, topicId: bindings.topicId(name) }
        return isById ? { name: null, topicId: bindings.topicId(name) } : { name, topicId: ZERO_UUID }
      }),
      timeoutMs: TIMEOUT_MS,
    }),
    { needsIds: wanted.map(each => each.name) },
  )
}

export function widen(world: World): Step {
  const { draw } = world
  const validateOnly = draw.percent(25)
  const topics = draw.several(1, 2, () => {
    const topic = world.someTopic()
    const more = draw.percent(75) ? draw.one([1, 1, 2]) : draw.one([0, -1, -topic.partitions, -topic.partitions - 1])
    const count = topic.partitions + more
    const assignments = draw.percent(70)
      ? null
      : draw.several(0, 2, () => ({ brokerIds: draw.one([[NODE], [NODE], [], [7], [NODE, NODE], [NODE, 2]]) }))
    if (!validateOnly && assignments === null && topic.isLive && more > 0) topic.partitions = count
    return { name: draw.percent(5) ? world.badName() : topic.name, count, assignments }
  })
  return step(createPartitions, draw.between(0, 3), { topics, timeoutMs: TIMEOUT_MS, validateOnly })
}

export function describeTopics(world: World): Step {
  const { draw } = world
  const version = draw.between(0, 13)
  const creates = version < 4 || draw.percent(20)
  const operations = version >= 8 && draw.percent(30) ? { includeTopicAuthorizedOperations: true } : {}
  const ofCluster =
    version >= 8 && version <= 10 && draw.percent(30) ? { includeClusterAuthorizedOperations: true } : {}
  const allow = version < 4 ? {} : { allowAutoTopicCreation: creates }
  const rest = { ...operations, ...ofCluster, ...allow }
  if (draw.percent(12))
    return step(metadata, version, { topics: version === 0 || draw.percent(30) ? [] : null, ...rest })
  const names = draw.several(1, 4, () => (creates && draw.percent(25) ? newName(world) : world.someName()))
  if (draw.percent(15)) names.push(draw.one(names))
  const note = creates ? 'creates' : ''
  if (creates) for (const name of names) if (/^[\w.-]+$/.test(name) && name.length < 240) world.added(name, 1)
  if (version < 10 || draw.percent(50))
    return step(metadata, version, { topics: names.map(name => ({ name })), ...rest }, { note })
  const isMixed = draw.percent(10)
  const namesNull = draw.percent(90) || version < 12
  return step(
    metadata,
    version,
    bindings => ({
      topics: names.map((name, index) => {
        if (isMixed && index > 0) return { name }
        return {
          name: namesNull && version >= 12 ? null : name,
          topicId: namesNull || index % 4 !== 3 ? bindings.topicId(name) : nobodysId(name),
        }
      }),
      ...rest,
    }),
    { needsIds: names, note },
  )
}

export function describePartitions(world: World): Step {
  const { draw } = world
  const names = draw.several(1, 3, () => world.someName())
  if (draw.percent(15)) names.push(draw.one(names))
  const limit = draw.percent(60) ? {} : { responsePartitionLimit: draw.one([1, 2, 3, 0, -1, 5000]) }
  if (draw.percent(15)) {
    // Before all others: what follows are the sequence's own topics, since names are sorted.
    const cursor = { topicName: world.prefix, partitionIndex: draw.one([0, 0, 1, -1]) }
    return step(describeTopicPartitions, 0, { topics: [], cursor, ...limit })
  }
  const cursor = draw.percent(60)
    ? null
    : {
        topicName: draw.percent(90) ? draw.one(names) : `${world.prefix}zz`,
        partitionIndex: draw.one([0, 1, 2, 7, -1]),
      }
  return step(describeTopicPartitions, 0, { topics: names.map(name => ({ name })), cursor, ...limit })
}

/**
 * Requests about what is there: offsets, epochs, producers, logs, the cluster, and moves that one node cannot make.
 */
import {
  alterPartitionReassignments,
  apiVersions,
  deleteRecords,
  describeCluster,
  describeLogDirs,
  describeProducers,
  electLeaders,
  findCoordinator,
  listOffsets,
  listPartitionReassignments,
  offsetForLeaderEpoch,
} from '@samsa/protocol'
import { type Step, step } from '../step.js'
import type { Topic, World } from './world.js'

/** Topics, each once, with what `make` gives for some of their partitions. */
function perPartition<T>(
  world: World,
  most: number,
  make: (topic: Topic, partition: number) => T,
): { name: string; partitions: T[] }[] {
  const { draw } = world
  const topics = draw.several(1, draw.percent(75) ? 1 : 2, () => world.someTopic())
  const once = [...new Map(topics.map(topic => [topic.name, topic])).values()]
  return once.map(topic => ({
    name: draw.percent(4) ? world.badName() : topic.name,
    partitions: draw.several(1, most, () => make(topic, world.somePartition(topic))),
  }))
}

export function offsets(world: World): Step {
  const { draw } = world
  const version = draw.between(1, 11)
  const topics = perPartition(world, 3, (_topic, partitionIndex) => ({
    partitionIndex,
    special: draw.percent(65) ? draw.one([-1n, -2n, -3n, -4n, -5n, -6n, -7n]) : undefined,
    atMs: draw.one([draw.integer(-700_000, 700_000), 0, 10_000_000_000]),
    ...(version >= 4 ? { currentLeaderEpoch: world.someLeaderEpoch() } : {}),
  }))
  const isolation = version >= 2 ? { isolationLevel: draw.integer(0, 2) } : {}
  return step(listOffsets, version, ({ nowMs }) => ({
    replicaId: -1,
    ...isolation,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ special, atMs, ...rest }) => ({
        ...rest,
        timestamp: special ?? BigInt(nowMs + atMs),
      })),
    })),
  }))
}

export function cutRecords(world: World): Step {
  const topics = perPartition(world, 2, (topic, partitionIndex) => ({
    partitionIndex,
    offset: world.draw.percent(25) ? -1n : world.someOffset(topic, partitionIndex),
  }))
  const once = topics.map(({ name, partitions }) => ({
    name,
    partitions: [...new Map(partitions.map(each => [each.partitionIndex, each])).values()],
  }))
  return step(deleteRecords, world.draw.between(0, 2), { topics: once, timeoutMs: 10_000 })
}

export function epochs(world: World): Step {
  const version = world.draw.between(2, 4)
  const topics = perPartition(world, 2, (_topic, partition) => ({
    partition,
    currentLeaderEpoch: world.someLeaderEpoch(),
    leaderEpoch: world.draw.one([0, 0, 1, -1, 7, 2 ** 31 - 1]),
  }))
  const named = topics.map(({ name, partitions }) => ({ topic: name, partitions }))
  return step(offsetForLeaderEpoch, version, { ...(version >= 3 ? { replicaId: -1 } : {}), topics: named })
}

export function producers(world: World): Step {
  const topics = perPartition(world, 3, (_topic, partition) => partition)
  return step(describeProducers, 0, {
    topics: topics.map(({ name, partitions }) => ({ name, partitionIndexes: partitions })),
  })
}

export function logDirs(world: World): Step {
  const version = world.draw.between(1, 5)
  const note = world.topics.some(topic => topic.isRecompressed) ? 'recompressed' : ''
  if (world.draw.percent(15)) return step(describeLogDirs, version, { topics: null }, { note })
  const topics = world.draw.percent(5) ? [] : perPartition(world, 3, (_topic, partition) => partition)
  const asked = topics.map(({ name, partitions }) => ({ topic: name, partitions }))
  return step(describeLogDirs, version, { topics: asked }, { note })
}

export function cluster({ draw }: World): Step {
  const version = draw.between(0, 2)
  return step(describeCluster, version, {
    includeClusterAuthorizedOperations: draw.percent(50),
    ...(version >= 1 && draw.percent(25) ? { endpointType: draw.one([1, 2, 0, 3]) } : {}),
    ...(version >= 2 ? { includeFencedBrokers: draw.percent(50) } : {}),
  })
}

export function versions({ draw }: World): Step {
  if (draw.percent(30)) {
    const version = draw.one([5, 6, 100, -1, 32_767])
    const damage = (frame: Buffer): Buffer => {
      frame.writeInt16BE(version, 2)
      return frame
    }
    return step(apiVersions, 0, {}, { damage, note: `version ${version}` })
  }
  const version = draw.between(0, 4)
  if (version < 3) return step(apiVersions, version, {})
  const names = ['samsa', 'a.b-c', '-a', 'a-', '', 'a b', 'ä', 'x']
  return step(apiVersions, version, {
    clientSoftwareName: draw.percent(60) ? 'samsa' : draw.one(names),
    clientSoftwareVersion: draw.percent(60) ? '1.0' : draw.one(names),
  })
}

export function elect(world: World): Step {
  const { draw } = world
  const version = draw.between(0, 2)
  const topics = perPartition(world, 2, (_topic, partition) => partition)
  const asked = topics.map(({ name, partitions }) => ({ topic: name, partitions }))
  return step(electLeaders, version, {
    ...(version >= 1 ? { electionType: draw.percent(90) ? draw.integer(0, 2) : draw.one([2, -1]) } : {}),
    topicPartitions: draw.percent(10) ? null : asked,
    timeoutMs: 10_000,
  })
}

export function reassign(world: World): Step {
  const { draw } = world
  const version = draw.between(0, 1)
  const topics = perPartition(world, 2, (_topic, partitionIndex) => ({
    partitionIndex,
    replicas: draw.percent(60) ? draw.one([[1], null]) : draw.one([[], [2], [1, 1], [1, 2], [-1]]),
  }))
  const allow = version >= 1 && draw.percent(30) ? { allowReplicationFactorChange: false } : {}
  return step(alterPartitionReassignments, version, { timeoutMs: 10_000, ...allow, topics })
}

export function reassignments(world: World): Step {
  if (world.draw.percent(30)) return step(listPartitionReassignments, 0, { topics: null })
  const topics = perPartition(world, 2, (_topic, partition) => partition)
  return step(listPartitionReassignments, 0, {
    topics: topics.map(({ name, partitions }) => ({ name, partitionIndexes: partitions })),
  })
}

export function coordinator({ draw, prefix }: World): Step {
  const version = draw.between(0, 6)
  const keyType = version >= 1 ? { keyType: draw.percent(90) ? draw.integer(0, 2) : draw.one([2, 3, -1]) } : {}
  if (version < 4) return step(findCoordinator, version, { key: draw.one([`${prefix}g`, '']), ...keyType })
  return step(findCoordinator, version, { coordinatorKeys: draw.several(0, 2, () => `${prefix}g`), ...keyType })
}

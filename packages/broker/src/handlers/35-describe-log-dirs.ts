/**
 * DescribeLogDirs: which logs lie in the data directory, and how large they are.
 *
 * Versions 1 to 5. One directory, so one result; an empty list of topics asks for nothing, null for all. Where the room on
 * the volume cannot be told, it is -1.
 */
import {
  type Decoded,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
  describeLogDirs,
} from '@samsa/protocol'
import type { Partitions } from '../cluster/partitions.js'
import type { LogManager } from '../log/log-manager.js'
import type { Handler } from '../server/context.js'
import { StorageError } from '../storage/storage-error.js'

interface Deps {
  readonly logs: LogManager
  readonly partitions: Partitions
  /** As the answer names it. */
  readonly directory: string
  readonly space: Space
}

type Space = () => { readonly total: number; readonly usable: number }
type Topics = DescribeLogDirsResponse['results'][number]['topics']

export function describeLogDirsHandler(deps: Deps): Handler<DescribeLogDirsRequest, DescribeLogDirsResponse> {
  return {
    api: describeLogDirs,
    versions: { min: 1, max: 5 },
    handle: (_context, request) => {
      const { total, usable } = spaceOf(deps.space)
      const directory = {
        errorCode: 0,
        logDir: deps.directory,
        topics: describeLogs(deps, askedFor(request)),
        totalBytes: BigInt(total),
        usableBytes: BigInt(usable),
      }
      return { throttleTimeMs: 0, errorCode: 0, results: [directory] }
    },
  }
}

/** Partitions by topic; undefined for all there are. A topic that is named twice is asked for once, with the partitions of both. */
function askedFor({ topics }: Decoded<DescribeLogDirsRequest>): ReadonlyMap<string, ReadonlySet<number>> | undefined {
  if (topics === null) return undefined
  const asked = new Map<string, Set<number>>()
  for (const { topic, partitions } of topics) {
    const indexes = asked.get(topic) ?? new Set()
    asked.set(topic, indexes)
    for (const index of partitions) indexes.add(index)
  }
  return asked
}

function describeLogs(
  { logs, partitions: ofNode }: Deps,
  asked: ReadonlyMap<string, ReadonlySet<number>> | undefined,
): Topics {
  const topics = new Map<string, Topics[number]['partitions'][number][]>()
  for (const log of logs.all()) {
    if (!ofNode.holds(log.topic, log.partition)) continue
    if (asked !== undefined && asked.get(log.topic)?.has(log.partition) !== true) continue
    const partitions = topics.get(log.topic) ?? []
    topics.set(log.topic, partitions)
    const partitionSize = BigInt(log.sizeBytes)
    partitions.push({ partitionIndex: log.partition, partitionSize, offsetLag: 0n, isFutureKey: false })
  }
  return Array.from(topics, ([name, partitions]) => ({ name, partitions }))
}

function spaceOf(space: Space): ReturnType<Space> {
  try {
    return space()
  } catch (error) {
    if (error instanceof StorageError) return { total: -1, usable: -1 }
    throw error
  }
}

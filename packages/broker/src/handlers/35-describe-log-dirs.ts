/**
 * DescribeLogDirs: which logs lie in the data directory, and how large they are.
 *
 * Versions 1 to 5. One directory, so one result; an empty list of topics asks for nothing, null for all.
 */
import { type DescribeLogDirsRequest, type DescribeLogDirsResponse, describeLogDirs } from '@samsa/protocol'
import type { LogManager } from '../log/log-manager.js'
import type { Handler } from '../server/context.js'

interface Deps {
  readonly logs: LogManager
  /** As the answer names it. */
  readonly directory: string
  readonly space: () => { readonly total: number; readonly usable: number }
}

export function describeLogDirsHandler(deps: Deps): Handler<DescribeLogDirsRequest, DescribeLogDirsResponse> {
  return {
    api: describeLogDirs,
    versions: { min: 1, max: 5 },
    handle: (_context, request) => {
      const asked =
        request.topics === null
          ? undefined
          : new Map(request.topics.map(each => [each.topic, new Set(each.partitions)]))
      const topics = new Map<
        string,
        { partitionIndex: number; partitionSize: bigint; offsetLag: bigint; isFutureKey: boolean }[]
      >()
      for (const log of deps.logs.all()) {
        if (asked !== undefined && asked.get(log.topic)?.has(log.partition) !== true) continue
        const partitions = topics.get(log.topic) ?? []
        topics.set(log.topic, partitions)
        partitions.push({
          partitionIndex: log.partition,
          partitionSize: BigInt(log.sizeBytes),
          offsetLag: 0n,
          isFutureKey: false,
        })
      }
      const { total, usable } = deps.space()
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        results: [
          {
            errorCode: 0,
            logDir: deps.directory,
            topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
            totalBytes: BigInt(total),
            usableBytes: BigInt(usable),
          },
        ],
      }
    },
  }
}

/**
 * DeleteRecords: moves the start of partitions' logs.
 *
 * Versions 0 to 2. Offset -1 means the high watermark. Above it: OFFSET_OUT_OF_RANGE. Topics that are only compacted
 * refuse: POLICY_VIOLATION; so do internal ones: INVALID_TOPIC_EXCEPTION. The answer's low watermark is where the log starts now.
 * It comes when the starts are on disk, in every mode: in Kafka a crash within a minute brings deleted records back.
 */
import { type DeleteRecordsRequest, type DeleteRecordsResponse, deleteRecords } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf, type Partitions } from '../cluster/partitions.js'
import type { LogManager } from '../log/log-manager.js'
import { isInternalTopic } from '../metadata/topic-names.js'
import type { Handler } from '../server/context.js'

const TO_HIGH_WATERMARK = -1

interface Deps {
  readonly partitions: Partitions
  readonly logs: LogManager
}

export function deleteRecordsHandler({ partitions, logs }: Deps): Handler<DeleteRecordsRequest, DeleteRecordsResponse> {
  return {
    api: deleteRecords,
    versions: { min: 0, max: 2 },
    handle: async (_context, request) => {
      const topics = request.topics.map(topic => ({
        name: topic.name,
        partitions: topic.partitions.map(({ partitionIndex, offset }) => ({
          partitionIndex,
          ...moveStart(partitions, topic.name, partitionIndex, Number(offset)),
        })),
      }))
      const moved = topics.flatMap(topic => topic.partitions).filter(({ errorCode }) => errorCode === 0)
      if (moved.length > 0) {
        await logs.keepStarts().catch(() => {
          for (const partition of moved) Object.assign(partition, NOT_ON_DISK)
        })
      }
      return { throttleTimeMs: 0, topics }
    },
  }
}

/** The start has moved, but a crash may bring it back: not acknowledged. */
const NOT_ON_DISK = { lowWatermark: -1n, errorCode: codeOf('KAFKA_STORAGE_ERROR') }

function moveStart(
  partitions: Partitions,
  topic: string,
  index: number,
  offset: number,
): { lowWatermark: bigint; errorCode: number } {
  const refused = (errorCode: number): { lowWatermark: bigint; errorCode: number } => ({ lowWatermark: -1n, errorCode })
  const partition = partitions.find({ name: topic }, index)
  if (typeof partition === 'number') return refused(partition)
  if (isInternalTopic(topic)) return refused(codeOf('INVALID_TOPIC_EXCEPTION'))
  const { log } = partition
  if (!log.config.cleanupPolicy.delete) return refused(codeOf('POLICY_VIOLATION'))
  const target = offset === TO_HIGH_WATERMARK ? log.highWatermark : offset
  if (target < 0 || target > log.highWatermark) return refused(codeOf('OFFSET_OUT_OF_RANGE'))
  try {
    log.deleteRecordsBefore(target)
    return { lowWatermark: BigInt(log.logStartOffset), errorCode: 0 }
  } catch (error) {
    if (error instanceof KafkaError) return refused(codeOf(error.code))
    throw error
  }
}

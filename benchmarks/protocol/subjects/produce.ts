/**
 * Produce: 100 records for each partition of one topic. The request is measured with its batches, since the others make
 * them while they encode it.
 */
import { type ProduceRequest, type ProduceResponse, produce } from '@samsa/protocol'
import type { Shape, Subject } from '../subject.ts'
import { PARTITION_RECORDS, PARTITIONS, partitionBatch } from './cluster.ts'

const TOPIC = 'warehouse.orders.0'
const ACKS_ALL = -1
const TIMEOUT_MS = 30_000

export const produceSubject: Subject = {
  api: produce,
  samsa: {
    request: (): ProduceRequest => ({
      acks: ACKS_ALL,
      timeoutMs: TIMEOUT_MS,
      topicData: [{ name: TOPIC, partitionData: PARTITIONS.map(index => ({ index, records: partitionBatch() })) }],
    }),
    makesRequestEachTime: true,
    response: (): ProduceResponse => ({
      responses: [
        {
          name: TOPIC,
          partitionResponses: PARTITIONS.map(index => ({
            index,
            errorCode: 0,
            baseOffset: 123_456n,
            logAppendTimeMs: -1n,
            logStartOffset: 0n,
          })),
        },
      ],
    }),
    responseShape,
  },
  kafkajs: {
    name: 'produce',
    version: 7,
    fields: {
      acks: ACKS_ALL,
      timeout: TIMEOUT_MS,
      topicData: [
        {
          topic: TOPIC,
          partitions: PARTITIONS.map(partition => ({
            partition,
            messages: PARTITION_RECORDS.map(({ key, value, timestamp }) => ({
              key,
              value,
              timestamp: String(timestamp),
            })),
          })),
        },
      ],
    },
    responseShape: [
      [
        'topics',
        ['topicName', ['partitions', ['partition', 'errorCode', 'baseOffset', 'logAppendTime', 'logStartOffset']]],
      ],
    ],
  },
  platformatic: {
    name: 'produce',
    newestVersion: 11,
    fields: () => [ACKS_ALL, TIMEOUT_MS, platformaticMessages(), { compression: 'none' }],
    responseShape,
  },
}

function responseShape(): Shape {
  return [
    [
      'responses',
      ['name', ['partitionResponses', ['index', 'errorCode', 'baseOffset', 'logAppendTimeMs', 'logStartOffset']]],
    ],
  ]
}

function platformaticMessages(): readonly object[] {
  return PARTITIONS.flatMap(partition =>
    PARTITION_RECORDS.map(({ key, value, timestamp }) => ({
      topic: TOPIC,
      partition,
      key,
      value,
      timestamp: BigInt(timestamp),
    })),
  )
}

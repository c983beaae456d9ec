/**
 * OffsetFetch: one group that has committed every partition of the cluster.
 */
import { type OffsetFetchRequest, type OffsetFetchResponse, offsetFetch } from '@samsa/protocol'
import type { Shape, Subject } from '../subject.ts'
import { PARTITIONS, TOPICS } from './cluster.ts'

const GROUP = 'warehouse-billing'
const MEMBER = 'consumer-1-5d2c8a3e'
const GROUPS_SINCE = 8
const MEMBERS_SINCE = 9
const METADATA = 'host-7'
const REQUESTED = TOPICS.map(({ name }) => ({ name, partitionIndexes: PARTITIONS }))

export const offsetFetchSubject: Subject = {
  api: offsetFetch,
  samsa: { request, response, responseShape },
  kafkajs: {
    name: 'offsetFetch',
    version: 4,
    fields: {
      groupId: GROUP,
      topics: TOPICS.map(({ name }) => ({
        topic: name,
        partitions: PARTITIONS.map(partition => ({ partition })),
      })),
    },
    responseShape: [
      ['responses', ['topic', ['partitions', ['partition', 'offset', 'metadata', 'errorCode']]]],
      'errorCode',
    ],
  },
  platformatic: {
    name: 'offsetFetch',
    newestVersion: 9,
    fields: () => [[{ groupId: GROUP, memberId: MEMBER, memberEpoch: 3, topics: REQUESTED }], true],
    responseShape,
  },
}

function request(version: number): OffsetFetchRequest {
  if (version < GROUPS_SINCE) return { groupId: GROUP, topics: REQUESTED }
  const member = version >= MEMBERS_SINCE ? { memberId: MEMBER, memberEpoch: 3 } : {}
  return { groups: [{ groupId: GROUP, ...member, topics: REQUESTED }], requireStable: true }
}

function response(version: number): OffsetFetchResponse {
  const topics = TOPICS.map(({ name }) => ({
    name,
    partitions: PARTITIONS.map(partitionIndex => ({
      partitionIndex,
      committedOffset: 123_456n + BigInt(partitionIndex),
      ...(version >= GROUPS_SINCE ? { committedLeaderEpoch: 12 } : {}),
      metadata: METADATA,
      errorCode: 0,
    })),
  }))
  return version >= GROUPS_SINCE ? { groups: [{ groupId: GROUP, topics, errorCode: 0 }] } : { topics, errorCode: 0 }
}

function responseShape(version: number): Shape {
  const topics: Shape = [
    ['topics', ['name', ['partitions', ['partitionIndex', 'committedOffset', 'metadata', 'errorCode']]]],
    'errorCode',
  ]
  return version >= GROUPS_SINCE ? [['groups', ['groupId', ...topics]]] : topics
}

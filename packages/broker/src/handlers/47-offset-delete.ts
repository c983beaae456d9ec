/**
 * OffsetDelete: some of a group's offsets, of topics that none of its members reads.
 *
 * Version 0. Partitions that are not there have an error of their own; one that has no offset is a success.
 */
import { type OffsetDeleteRequest, type OffsetDeleteResponse, offsetDelete } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'

interface Deps {
  readonly image: MetadataImage
  readonly groups: GroupCoordinator
}

export function offsetDeleteHandler({ image, groups }: Deps): Handler<OffsetDeleteRequest, OffsetDeleteResponse> {
  return {
    api: offsetDelete,
    versions: { min: 0, max: 0 },
    handle: async (_, { groupId, topics: named }) => {
      if (groupId === '') return { errorCode: codeOf('INVALID_GROUP_ID'), topics: [] }
      const asked = named.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex: partition }) => ({ topic: name, partition })),
      )
      const known = asked.filter(
        ({ topic, partition }) => image.topicByName(topic)?.partitions[partition] !== undefined,
      )
      const codes = await groups.deleteOffsets(groupId, known)
      if (typeof codes === 'number') return { errorCode: codes, topics: [] }
      const codeByPartition = new Map(
        known.map(({ topic, partition }, at) => [`${topic} ${partition}`, codes[at] ?? 0]),
      )
      const topics = named.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: codeByPartition.get(`${name} ${partitionIndex}`) ?? codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
        })),
      }))
      return { errorCode: 0, topics }
    },
  }
}

/** OffsetCommit: how far a group has read, stored with its coordinator. */
import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 8,
  name: 'OffsetCommit',
  text: 'Stores offsets of a group. Members commit while they belong to it; a consumer that assigns partitions to itself, or a tool, may while the group has no members.',
  notes: {
    4: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    5: "How long offsets are kept is the broker's decision alone: offsets.retention.minutes after the group became empty (KIP-211).",
    6: 'The leader epoch is kept with the offset (KIP-320).',
    7: 'Static members (KIP-345): FENCED_INSTANCE_ID.',
    9: 'Open to members of the consumer protocol: STALE_MEMBER_EPOCH (KIP-848). A group that does not exist is GROUP_ID_NOT_FOUND, before that ILLEGAL_GENERATION.',
    10: 'Topics go by id: UNKNOWN_TOPIC_ID.',
  },
  versions: '2-10',
  flexible: '8+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field(
      'generationIdOrMemberEpoch',
      int32,
      { default: -1, ignorable: true },
      "The generation in a classic group, the member's epoch in the consumer protocol. -1 from outside of the group.",
    ),
    field('memberId', string, { ignorable: true }, 'Empty from outside of the group.'),
    field('groupInstanceId', string, { in: '7+', nullable: '0+', default: null }, 'Null unless the member is static.'),
    field('retentionTimeMs', int64, { in: '2-4', default: -1n, ignorable: true }, '-1 leaves it to the broker.'),
    list('topics', 'Topic', [
      field('name', string, { in: '0-9', ignorable: true }),
      field('topicId', uuid, { in: '10+', ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('committedOffset', int64, 'The next offset to read, not the last one that was.'),
        field(
          'committedLeaderEpoch',
          int32,
          { in: '6+', default: -1, ignorable: true },
          'Of the last record read, -1 when unknown. The next owner checks by it that the log was not truncated.',
        ),
        field(
          'committedMetadata',
          string,
          { nullable: '0+' },
          'Free text for the committer, at most offset.metadata.max.bytes (4096). Null is kept as the empty text.',
        ),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '3+', ignorable: true }),
    list('topics', 'Topic', [
      field('name', string, { in: '0-9', ignorable: true }),
      field('topicId', uuid, { in: '10+', ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'Errors of the whole group stand at every partition. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION. Rejoin first: REBALANCE_IN_PROGRESS. No longer the owner: ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Behind the coordinator, wait for the next heartbeat: STALE_MEMBER_EPOCH. Final: OFFSET_METADATA_TOO_LARGE, INVALID_COMMIT_OFFSET_SIZE, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED.',
        ),
      ]),
    ]),
  ],
})

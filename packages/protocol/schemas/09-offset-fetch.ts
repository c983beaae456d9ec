/** OffsetFetch: the offsets a group has committed. */
import { api, array, bool, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 9,
  name: 'OffsetFetch',
  text: 'Reads committed offsets: a consumer starts from them, a tool computes lag. From 8 on it serves several groups at once, all of which must have this broker as coordinator.',
  notes: {
    2: 'Null topics ask for every partition that has an offset, and errors of the whole group get a place of their own; before that they stand at each partition.',
    4: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    5: 'The leader epoch that was committed with the offset (KIP-320).',
    7: 'requireStable (KIP-447).',
    8: 'Several groups: all moves one level down, into groups (KIP-709).',
    9: 'Membership in the consumer protocol is checked: STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID (KIP-848).',
    10: 'Topics go by id: UNKNOWN_TOPIC_ID.',
  },
  versions: '1-10',
  flexible: '6+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string, { in: '0-7' }),
    list('topics', 'Topic', { in: '0-7', nullable: '2-7' }, 'Null for every partition with a committed offset.', [
      field('name', string),
      field('partitionIndexes', array(int32)),
    ]),
    list('groups', 'Group', { in: '8+' }, [
      field('groupId', string),
      field(
        'memberId',
        string,
        { in: '9+', nullable: '0+', default: null, ignorable: true },
        'Null, with epoch -1, from tools and classic members: membership is not checked.',
      ),
      field('memberEpoch', int32, { in: '9+', default: -1, ignorable: true }),
      list('topics', 'GroupTopic', { nullable: '0+' }, 'Null for every partition with a committed offset.', [
        field('name', string, { in: '8-9', ignorable: true }),
        field('topicId', uuid, { in: '10+', ignorable: true }),
        field('partitionIndexes', array(int32)),
      ]),
    ]),
    field(
      'requireStable',
      bool,
      { in: '7+' },
      'True answers UNSTABLE_OFFSET_COMMIT where a transaction with a new offset is still open. Consumers send true: with false, one that takes over too early processes again what the open transaction is about to commit.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '3+', ignorable: true }),
    list('topics', 'Topic', { in: '0-7' }, [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('committedOffset', int64, '-1 when none is committed, or the group is unknown: not an error.'),
        field('committedLeaderEpoch', int32, { in: '5-7', default: -1, ignorable: true }),
        field('metadata', string, { nullable: '0+' }, 'As committed; empty when nothing was.'),
        field(
          'errorCode',
          int16,
          'UNSTABLE_OFFSET_COMMIT: retry. UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED.',
        ),
      ]),
    ]),
    field('errorCode', int16, { in: '2-7', ignorable: true }, 'As the errorCode of groups.'),
    list('groups', 'Group', { in: '8+' }, [
      field('groupId', string),
      list('topics', 'GroupTopic', [
        field('name', string, { in: '8-9', ignorable: true }),
        field('topicId', uuid, { in: '10+', ignorable: true }),
        list('partitions', 'TopicPartition', [
          field('partitionIndex', int32),
          field('committedOffset', int64, '-1 when none is committed, or the group is unknown: not an error.'),
          field('committedLeaderEpoch', int32, { default: -1, ignorable: true }, '-1 when it was not committed.'),
          field('metadata', string, { nullable: '0+' }, 'As committed; empty when nothing was.'),
          field(
            'errorCode',
            int16,
            'UNSTABLE_OFFSET_COMMIT: retry. UNKNOWN_TOPIC_ID: refresh metadata. UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED.',
          ),
        ]),
      ]),
      field(
        'errorCode',
        int16,
        'Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS. Retry with the epoch of the next heartbeat: STALE_MEMBER_EPOCH. Rejoin: UNKNOWN_MEMBER_ID. Final: GROUP_AUTHORIZATION_FAILED.',
      ),
    ]),
  ],
})

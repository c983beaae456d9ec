/** DescribeShareGroupOffsets: where share groups stand in partitions. */
import { api, array, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  text: 'Shows where share groups stand: the offset below which everything is done with, and the lag.',
  notes: {
    1: 'Lag (KIP-1226).',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    list('groups', 'Group', [
      field('groupId', string),
      list('topics', 'Topic', { nullable: '0+' }, 'Null asks for every partition that the group has state of.', [
        field('topicName', string),
        field('partitions', array(int32)),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('groups', 'Group', [
      field('groupId', string),
      list('topics', 'Topic', [
        field('topicName', string),
        field('topicId', uuid),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          field('startOffset', int64, '-1 when the group has not begun there.'),
          field('leaderEpoch', int32, "As last recorded with the group's state."),
          field(
            'lag',
            int64,
            { in: '1+', default: -1n, ignorable: true },
            'Records after `startOffset` that are not done with; -1 when it cannot be worked out.',
          ),
          field('errorCode', int16, 'TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_SERVER_ERROR.'),
          field('errorMessage', string, { nullable: '0+', default: null }),
        ]),
      ]),
      field(
        'errorCode',
        int16,
        'GROUP_ID_NOT_FOUND, GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.',
      ),
      field('errorMessage', string, { nullable: '0+', default: null }),
    ]),
  ],
})

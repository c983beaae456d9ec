/** ReadShareGroupStateSummary: where a share group stands in partitions, without the details. */
import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 87,
  name: 'ReadShareGroupStateSummary',
  text: 'The group coordinator asks where a share group stands in partitions, to answer DescribeShareGroupOffsets. Nothing is changed by it.',
  notes: {
    1: 'Lets lag be worked out (KIP-1226).',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'share',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [
      field('topicId', uuid),
      list('partitions', 'Partition', [field('partition', int32), field('leaderEpoch', int32)]),
    ]),
  ],
  response: [
    list('results', 'Result', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partition', int32),
        field(
          'errorCode',
          int16,
          'NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
        field('stateEpoch', int32),
        field('leaderEpoch', int32),
        field('startOffset', int64, '-1 when not settled yet.'),
        field(
          'deliveryCompleteCount',
          int32,
          { in: '1+', default: -1, ignorable: true },
          'How many offsets from the start offset on are done with, acknowledged or archived. -1 when unknown.',
        ),
      ]),
    ]),
  ],
})

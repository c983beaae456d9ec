/** ReadShareGroupState: a new leader of a share partition loads its state. */
import { api, field, int8, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 84,
  name: 'ReadShareGroupState',
  text: 'A broker that begins to lead a partition loads what the share coordinator has stored of it for a group: where it starts and which records are delivered already.',
  versions: '0',
  flexible: '0+',
  sentTo: 'share',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partition', int32),
        field('leaderEpoch', int32, 'Remembered, so that a former leader can write no more. -1 only looks.'),
      ]),
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
          'FENCED_LEADER_EPOCH: a later leader was here. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION. INVALID_REQUEST: nothing was set up for the partition.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
        field('stateEpoch', int32, 'Goes with every write.'),
        field('startOffset', int64, '-1 when not settled yet.'),
        list('stateBatches', 'StateBatch', 'Ranges at and after `startOffset` that differ from plain available.', [
          field('firstOffset', int64),
          field('lastOffset', int64, 'Inclusive.'),
          field(
            'deliveryState',
            int8,
            '0 available, 2 acknowledged, 4 archived. Locks are not stored: they end with the leader.',
          ),
          field('deliveryCount', int16),
        ]),
      ]),
    ]),
  ],
})

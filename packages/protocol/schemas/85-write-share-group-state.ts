/** WriteShareGroupState: the leader of a share partition stores what changed. */
import { api, field, int8, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 85,
  name: 'WriteShareGroupState',
  text: "The leader of a partition has the share coordinator store what changed in a share group's progress; the change holds once this is answered.",
  notes: {
    1: 'Lets lag be worked out without reading the whole state (KIP-1226).',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'share',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partition', int32),
        field('stateEpoch', int32, 'From ReadShareGroupState.'),
        field('leaderEpoch', int32, 'Of the writer as leader of the partition.'),
        field('startOffset', int64, '-1: unchanged.'),
        field(
          'deliveryCompleteCount',
          int32,
          { in: '1+', default: -1, ignorable: true },
          'How many offsets from the start offset on are done with, acknowledged or archived. -1 when unknown.',
        ),
        list('stateBatches', 'StateBatch', 'Changed ranges only; each replaces what was stored for its offsets.', [
          field('firstOffset', int64),
          field('lastOffset', int64, 'Inclusive.'),
          field('deliveryState', int8, '0 available, 2 acknowledged, 4 archived.'),
          field('deliveryCount', int16),
        ]),
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
          'FENCED_LEADER_EPOCH: another broker leads now. FENCED_STATE_EPOCH: the state was set up anew. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
      ]),
    ]),
  ],
})

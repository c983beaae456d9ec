/** InitializeShareGroupState: the group coordinator has the state of share partitions set up. */
import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 83,
  name: 'InitializeShareGroupState',
  text: 'The group coordinator asks the share coordinator to set up the state of partitions that a share group begins to read, or whose start offset an admin has moved.',
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
        field(
          'stateEpoch',
          int32,
          'Rises each time the state is set up anew, so that late writes of the former life are fenced.',
        ),
        field(
          'startOffset',
          int64,
          '-1 leaves it open: the leader of the partition then applies share.auto.offset.reset.',
        ),
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
          'FENCED_STATE_EPOCH: a later one is known. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
      ]),
    ]),
  ],
})

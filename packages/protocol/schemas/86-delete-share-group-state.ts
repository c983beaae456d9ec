/** DeleteShareGroupState: the group coordinator has the state of share partitions deleted. */
import { api, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 86,
  name: 'DeleteShareGroupState',
  text: 'The group coordinator has the share coordinator forget partitions, when a share group, its offsets or a topic is deleted.',
  versions: '0',
  flexible: '0+',
  sentTo: 'share',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [field('topicId', uuid), list('partitions', 'Partition', [field('partition', int32)])]),
  ],
  response: [
    list('results', 'Result', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partition', int32),
        field(
          'errorCode',
          int16,
          'NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST. State that was never there is no error.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
      ]),
    ]),
  ],
})

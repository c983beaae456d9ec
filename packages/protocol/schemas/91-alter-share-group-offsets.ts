/** AlterShareGroupOffsets: moves a share group to other offsets. */
import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  text: 'Moves a share group to other offsets. The group must have no members; what it knew of the partitions is dropped.',
  versions: '0',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('startOffset', int64, 'Where delivery goes on.'),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'NON_EMPTY_GROUP. GROUP_ID_NOT_FOUND, GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    list('responses', 'Response', [
      field('topicName', string),
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16, 'UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED.'),
        field('errorMessage', string, { nullable: '0+', default: null }),
      ]),
    ]),
  ],
})

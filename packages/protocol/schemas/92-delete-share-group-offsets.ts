/** DeleteShareGroupOffsets: makes a share group forget topics. */
import { api, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  text: 'Makes a share group forget topics. The group must have no members; should it read them again, it starts as share.auto.offset.reset says.',
  versions: '0',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groupId', string), list('topics', 'Topic', [field('topicName', string)])],
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
      field('errorCode', int16, 'UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED.'),
      field('errorMessage', string, { nullable: '0+', default: null }),
    ]),
  ],
})

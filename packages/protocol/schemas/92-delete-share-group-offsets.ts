import { api, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groupId', string), list('topics', 'Topic', [field('topicName', string)])],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', default: null }),
    list('responses', 'Response', [
      field('topicName', string),
      field('topicId', uuid),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+', default: null }),
    ]),
  ],
})

import { api, array, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 20,
  name: 'DeleteTopics',
  text: '',
  versions: '1-6',
  flexible: '4+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', { in: '6+' }, [
      field('name', string, { nullable: '0+', default: null }),
      field('topicId', uuid),
    ]),
    field('topicNames', array(string), { in: '0-5', ignorable: true }),
    field('timeoutMs', int32),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('responses', 'Response', [
      field('name', string, { nullable: '6+' }),
      field('topicId', uuid, { in: '6+', ignorable: true }),
      field('errorCode', int16),
      field('errorMessage', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    ]),
  ],
})

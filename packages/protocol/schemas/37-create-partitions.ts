import { api, array, bool, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 37,
  name: 'CreatePartitions',
  text: '',
  versions: '0-3',
  flexible: '2+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', [
      field('name', string),
      field('count', int32),
      list('assignments', 'Assignment', { nullable: '0+' }, [field('brokerIds', array(int32))]),
    ]),
    field('timeoutMs', int32),
    field('validateOnly', bool),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('name', string),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+', default: null }),
    ]),
  ],
})

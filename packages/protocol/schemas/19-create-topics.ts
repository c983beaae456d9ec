import { api, array, bool, field, int8, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 19,
  name: 'CreateTopics',
  text: '',
  versions: '2-7',
  flexible: '5+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', [
      field('name', string),
      field('numPartitions', int32),
      field('replicationFactor', int16),
      list('assignments', 'Assignment', [field('partitionIndex', int32), field('brokerIds', array(int32))]),
      list('configs', 'Config', [field('name', string), field('value', string, { nullable: '0+' })]),
    ]),
    field('timeoutMs', int32, { default: 60000 }),
    field('validateOnly', bool),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('name', string),
      field('topicId', uuid, { in: '7+', ignorable: true }),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+', ignorable: true }),
      field('topicConfigErrorCode', int16, { in: '5+', ignorable: true, tag: 0 }),
      field('numPartitions', int32, { in: '5+', default: -1, ignorable: true }),
      field('replicationFactor', int16, { in: '5+', default: -1, ignorable: true }),
      list('configs', 'Config', { in: '5+', nullable: '0+', ignorable: true }, [
        field('name', string),
        field('value', string, { nullable: '0+' }),
        field('readOnly', bool),
        field('configSource', int8, { default: -1, ignorable: true }),
        field('isSensitive', bool),
      ]),
    ]),
  ],
})

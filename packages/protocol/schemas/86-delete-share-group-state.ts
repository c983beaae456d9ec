import { api, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 86,
  name: 'DeleteShareGroupState',
  text: '',
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
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+', default: null }),
      ]),
    ]),
  ],
})

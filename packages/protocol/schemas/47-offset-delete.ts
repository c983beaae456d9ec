import { api, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 47,
  name: 'OffsetDelete',
  text: '',
  versions: '0',
  flexible: 'none',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [field('name', string), list('partitions', 'Partition', [field('partitionIndex', int32)])]),
  ],
  response: [
    field('errorCode', int16),
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [field('partitionIndex', int32), field('errorCode', int16)]),
    ]),
  ],
})

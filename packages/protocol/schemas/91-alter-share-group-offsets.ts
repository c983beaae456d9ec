import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [field('partitionIndex', int32), field('startOffset', int64)]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', default: null }),
    list('responses', 'Response', [
      field('topicName', string),
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+', default: null }),
      ]),
    ]),
  ],
})

import { api, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 21,
  name: 'DeleteRecords',
  text: '',
  versions: '0-2',
  flexible: '2+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [field('partitionIndex', int32), field('offset', int64)]),
    ]),
    field('timeoutMs', int32),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('lowWatermark', int64),
        field('errorCode', int16),
      ]),
    ]),
  ],
})

import { api, field, int8, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 2,
  name: 'ListOffsets',
  text: '',
  versions: '1-11',
  flexible: '6+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field('replicaId', int32),
    field('isolationLevel', int8, { in: '2+' }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('currentLeaderEpoch', int32, { in: '4+', default: -1, ignorable: true }),
        field('timestamp', int64),
      ]),
    ]),
    field('timeoutMs', int32, { in: '10+', ignorable: true }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '2+', ignorable: true }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('timestamp', int64, { default: -1n }),
        field('offset', int64, { default: -1n }),
        field('leaderEpoch', int32, { in: '4+', default: -1 }),
      ]),
    ]),
  ],
})

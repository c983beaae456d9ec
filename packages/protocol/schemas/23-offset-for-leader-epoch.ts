import { api, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  text: '',
  versions: '2-4',
  flexible: '4+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field('replicaId', int32, { in: '3+', default: -2, ignorable: true }),
    list('topics', 'Topic', [
      field('topic', string),
      list('partitions', 'Partition', [
        field('partition', int32),
        field('currentLeaderEpoch', int32, { default: -1, ignorable: true }),
        field('leaderEpoch', int32),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('topic', string),
      list('partitions', 'Partition', [
        field('errorCode', int16),
        field('partition', int32),
        field('leaderEpoch', int32, { default: -1, ignorable: true }),
        field('endOffset', int64, { default: -1n }),
      ]),
    ]),
  ],
})

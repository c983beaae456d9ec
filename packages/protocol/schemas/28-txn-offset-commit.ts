import { api, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 28,
  name: 'TxnOffsetCommit',
  text: '',
  versions: '0-5',
  flexible: '3+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('transactionalId', string),
    field('groupId', string),
    field('producerId', int64),
    field('producerEpoch', int16),
    field('generationId', int32, { in: '3+', default: -1 }),
    field('memberId', string, { in: '3+' }),
    field('groupInstanceId', string, { in: '3+', nullable: '0+', default: null }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('committedOffset', int64),
        field('committedLeaderEpoch', int32, { in: '2+', default: -1, ignorable: true }),
        field('committedMetadata', string, { nullable: '0+' }),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [field('partitionIndex', int32), field('errorCode', int16)]),
    ]),
  ],
})

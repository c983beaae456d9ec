import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 8,
  name: 'OffsetCommit',
  text: '',
  versions: '2-10',
  flexible: '8+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('generationIdOrMemberEpoch', int32, { default: -1, ignorable: true }),
    field('memberId', string, { ignorable: true }),
    field('groupInstanceId', string, { in: '7+', nullable: '0+', default: null }),
    field('retentionTimeMs', int64, { in: '2-4', default: -1n, ignorable: true }),
    list('topics', 'Topic', [
      field('name', string, { in: '0-9', ignorable: true }),
      field('topicId', uuid, { in: '10+', ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('committedOffset', int64),
        field('committedLeaderEpoch', int32, { in: '6+', default: -1, ignorable: true }),
        field('committedMetadata', string, { nullable: '0+' }),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '3+', ignorable: true }),
    list('topics', 'Topic', [
      field('name', string, { in: '0-9', ignorable: true }),
      field('topicId', uuid, { in: '10+', ignorable: true }),
      list('partitions', 'Partition', [field('partitionIndex', int32), field('errorCode', int16)]),
    ]),
  ],
})

import { api, array, bool, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 9,
  name: 'OffsetFetch',
  text: '',
  versions: '1-10',
  flexible: '6+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string, { in: '0-7' }),
    list('topics', 'Topic', { in: '0-7', nullable: '2-7' }, [
      field('name', string),
      field('partitionIndexes', array(int32)),
    ]),
    list('groups', 'Group', { in: '8+' }, [
      field('groupId', string),
      field('memberId', string, { in: '9+', nullable: '0+', default: null, ignorable: true }),
      field('memberEpoch', int32, { in: '9+', default: -1, ignorable: true }),
      list('topics', 'GroupTopic', { nullable: '0+' }, [
        field('name', string, { in: '8-9', ignorable: true }),
        field('topicId', uuid, { in: '10+', ignorable: true }),
        field('partitionIndexes', array(int32)),
      ]),
    ]),
    field('requireStable', bool, { in: '7+' }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '3+', ignorable: true }),
    list('topics', 'Topic', { in: '0-7' }, [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('committedOffset', int64),
        field('committedLeaderEpoch', int32, { in: '5-7', default: -1, ignorable: true }),
        field('metadata', string, { nullable: '0+' }),
        field('errorCode', int16),
      ]),
    ]),
    field('errorCode', int16, { in: '2-7', ignorable: true }),
    list('groups', 'Group', { in: '8+' }, [
      field('groupId', string),
      list('topics', 'GroupTopic', [
        field('name', string, { in: '8-9', ignorable: true }),
        field('topicId', uuid, { in: '10+', ignorable: true }),
        list('partitions', 'TopicPartition', [
          field('partitionIndex', int32),
          field('committedOffset', int64),
          field('committedLeaderEpoch', int32, { default: -1, ignorable: true }),
          field('metadata', string, { nullable: '0+' }),
          field('errorCode', int16),
        ]),
      ]),
      field('errorCode', int16),
    ]),
  ],
})

import { api, array, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    list('groups', 'Group', [
      field('groupId', string),
      list('topics', 'Topic', { nullable: '0+' }, [field('topicName', string), field('partitions', array(int32))]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('groups', 'Group', [
      field('groupId', string),
      list('topics', 'Topic', [
        field('topicName', string),
        field('topicId', uuid),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          field('startOffset', int64),
          field('leaderEpoch', int32),
          field('lag', int64, { in: '1+', default: -1n, ignorable: true }),
          field('errorCode', int16),
          field('errorMessage', string, { nullable: '0+', default: null }),
        ]),
      ]),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+', default: null }),
    ]),
  ],
})

import { api, array, bool, field, int16, int32, list, nested, string, uuid } from '../generate/schema.js'

export default api({
  key: 75,
  name: 'DescribeTopicPartitions',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    list('topics', 'Topic', [field('name', string)]),
    field('responsePartitionLimit', int32, { default: 2000 }),
    nested('cursor', 'Cursor', { nullable: '0+', default: null }, [
      field('topicName', string),
      field('partitionIndex', int32),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('errorCode', int16),
      field('name', string, { nullable: '0+' }),
      field('topicId', uuid, { ignorable: true }),
      field('isInternal', bool, { ignorable: true }),
      list('partitions', 'Partition', [
        field('errorCode', int16),
        field('partitionIndex', int32),
        field('leaderId', int32),
        field('leaderEpoch', int32, { default: -1, ignorable: true }),
        field('replicaNodes', array(int32)),
        field('isrNodes', array(int32)),
        field('eligibleLeaderReplicas', array(int32), { nullable: '0+', default: null }),
        field('lastKnownElr', array(int32), { nullable: '0+', default: null }),
        field('offlineReplicas', array(int32), { ignorable: true }),
      ]),
      field('topicAuthorizedOperations', int32, { default: -2147483648 }),
    ]),
    nested('nextCursor', 'NextCursor', { nullable: '0+', default: null }, [
      field('topicName', string),
      field('partitionIndex', int32),
    ]),
  ],
})

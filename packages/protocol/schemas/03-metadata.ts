import { api, array, bool, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 3,
  name: 'Metadata',
  text: '',
  versions: '0-13',
  flexible: '9+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    list('topics', 'Topic', { nullable: '1+' }, [
      field('topicId', uuid, { in: '10+', ignorable: true }),
      field('name', string, { nullable: '10+' }),
    ]),
    field('allowAutoTopicCreation', bool, { in: '4+', default: true }),
    field('includeClusterAuthorizedOperations', bool, { in: '8-10' }),
    field('includeTopicAuthorizedOperations', bool, { in: '8+' }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '3+', ignorable: true }),
    list('brokers', 'Broker', [
      field('nodeId', int32),
      field('host', string),
      field('port', int32),
      field('rack', string, { in: '1+', nullable: '0+', default: null, ignorable: true }),
    ]),
    field('clusterId', string, { in: '2+', nullable: '0+', default: null, ignorable: true }),
    field('controllerId', int32, { in: '1+', default: -1, ignorable: true }),
    list('topics', 'Topic', [
      field('errorCode', int16),
      field('name', string, { nullable: '12+' }),
      field('topicId', uuid, { in: '10+', ignorable: true }),
      field('isInternal', bool, { in: '1+', ignorable: true }),
      list('partitions', 'Partition', [
        field('errorCode', int16),
        field('partitionIndex', int32),
        field('leaderId', int32),
        field('leaderEpoch', int32, { in: '7+', default: -1, ignorable: true }),
        field('replicaNodes', array(int32)),
        field('isrNodes', array(int32)),
        field('offlineReplicas', array(int32), { in: '5+', ignorable: true }),
      ]),
      field('topicAuthorizedOperations', int32, { in: '8+', default: -2147483648 }),
    ]),
    field('clusterAuthorizedOperations', int32, { in: '8-10', default: -2147483648 }),
    field('errorCode', int16, { in: '13+', ignorable: true }),
  ],
})

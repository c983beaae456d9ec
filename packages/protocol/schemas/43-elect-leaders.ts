import { api, array, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 43,
  name: 'ElectLeaders',
  text: '',
  versions: '0-2',
  flexible: '2+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('electionType', int8, { in: '1+' }),
    list('topicPartitions', 'TopicPartition', { nullable: '0+' }, [
      field('topic', string),
      field('partitions', array(int32)),
    ]),
    field('timeoutMs', int32, { default: 60000 }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, { in: '1+' }),
    list('replicaElectionResults', 'ReplicaElectionResult', [
      field('topic', string),
      list('partitionResult', 'PartitionResult', [
        field('partitionId', int32),
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+' }),
      ]),
    ]),
  ],
})

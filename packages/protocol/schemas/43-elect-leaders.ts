/** ElectLeaders: an operator asks for leaders to be chosen anew. */
import { api, array, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 43,
  name: 'ElectLeaders',
  text: 'Gives partitions their preferred leader back or, at the price of lost records, any leader at all. Any broker passes it on to the controller.',
  notes: {
    1: 'Unclean elections (KIP-460); before that always the preferred leader.',
  },
  versions: '0-2',
  flexible: '2+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field(
      'electionType',
      int8,
      { in: '1+' },
      '0: the first replica of the list, if it is in sync. 1: for a partition without a leader any live replica, in sync or not; records may be lost.',
    ),
    list('topicPartitions', 'TopicPartition', { nullable: '0+' }, 'Null for all partitions.', [
      field('topic', string),
      field('partitions', array(int32)),
    ]),
    field('timeoutMs', int32, { default: 60000 }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, { in: '1+' }, 'CLUSTER_AUTHORIZATION_FAILED, NOT_CONTROLLER: nothing was tried.'),
    list(
      'replicaElectionResults',
      'ReplicaElectionResult',
      'When all partitions were asked for, without those that had the wanted leader already.',
      [
        field('topic', string),
        list('partitionResult', 'PartitionResult', [
          field('partitionId', int32),
          field(
            'errorCode',
            int16,
            'ELECTION_NOT_NEEDED: has that leader already. PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE: no replica qualifies now. UNKNOWN_TOPIC_OR_PARTITION.',
          ),
          field('errorMessage', string, { nullable: '0+' }),
        ]),
      ],
    ),
  ],
})

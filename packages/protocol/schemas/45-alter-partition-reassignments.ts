/** AlterPartitionReassignments: partitions move to other brokers. */
import { api, array, bool, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 45,
  name: 'AlterPartitionReassignments',
  text: 'Gives partitions a new list of replicas, or cancels such a move (KIP-455). The answer means accepted; ListPartitionReassignments shows when it is done.',
  notes: {
    1: 'A guard against changing the number of replicas by mistake (KIP-860).',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('timeoutMs', int32, { default: 60000 }),
    field(
      'allowReplicationFactorChange',
      bool,
      { in: '1+', default: true },
      'False: a list of another length than now is INVALID_REPLICATION_FACTOR.',
    ),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'replicas',
          array(int32),
          { nullable: '0+', default: null },
          'The first is the preferred leader. Null cancels the move and brings the old replicas back.',
        ),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('allowReplicationFactorChange', bool, { in: '1+', default: true, ignorable: true }, 'As in the request.'),
    field('errorCode', int16, 'CLUSTER_AUTHORIZATION_FAILED, NOT_CONTROLLER: nothing was begun.'),
    field('errorMessage', string, { nullable: '0+' }),
    list('responses', 'Response', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, UNKNOWN_TOPIC_OR_PARTITION. NO_REASSIGNMENT_IN_PROGRESS: nothing to cancel.',
        ),
        field('errorMessage', string, { nullable: '0+' }),
      ]),
    ]),
  ],
})

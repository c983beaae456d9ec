/** DescribeQuorum: leader, voters and observers of the metadata log. */
import { api, array, field, int16, int32, int64, list, string, struct, uint16, uuid } from '../generate/schema.js'

const replicaState = struct('ReplicaState', [
  field('replicaId', int32),
  field('replicaDirectoryId', uuid, { in: '2+' }, 'Zero when the cluster does not tell voters apart by directory yet.'),
  field('logEndOffset', int64, '-1 when the leader has not heard from the replica.'),
  field(
    'lastFetchTimestamp',
    int64,
    { in: '1+', default: -1n, ignorable: true },
    "When the replica last fetched, by the leader's clock. -1 for the leader itself, and when unknown.",
  ),
  field(
    'lastCaughtUpTimestamp',
    int64,
    { in: '1+', default: -1n, ignorable: true },
    'When the replica last had everything that the leader had at that moment; for the leader, now. -1 when unknown.',
  ),
])

export default api({
  key: 55,
  name: 'DescribeQuorum',
  text: "Shows the state of the metadata log's quorum: who leads, who votes, who only follows, and how far each has come. Brokers forward it; only the leader can answer.",
  notes: {
    1: 'Fetch times of every replica (KIP-836).',
    2: "Directory ids, error messages and the voters' listeners (KIP-853).",
  },
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', '`__cluster_metadata` alone, with its only partition 0.', [
      field('topicName', string),
      list('partitions', 'Partition', [field('partitionIndex', int32)]),
    ]),
  ],
  response: [
    field('errorCode', int16, 'CLUSTER_AUTHORIZATION_FAILED without DESCRIBE on the cluster.'),
    field('errorMessage', string, { in: '2+', nullable: '0+', ignorable: true }),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'UNKNOWN_TOPIC_OR_PARTITION: anything but the metadata log. NOT_LEADER_OR_FOLLOWER: the leader moved, ask again.',
        ),
        field('errorMessage', string, { in: '2+', nullable: '0+', ignorable: true }),
        field('leaderId', int32, '-1 when there is none.'),
        field('leaderEpoch', int32),
        field('highWatermark', int64, 'Everything below is committed: a majority of the voters has it.'),
        field('currentVoters', array(replicaState)),
        field('observers', array(replicaState), 'Brokers, and controllers without a vote.'),
      ]),
    ]),
    list('nodes', 'Node', { in: '2+' }, 'Where the voters listen.', [
      field('nodeId', int32),
      list('listeners', 'Listener', [field('name', string), field('host', string), field('port', uint16)]),
    ]),
  ],
})

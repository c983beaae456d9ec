/** Metadata: which brokers there are and who leads which partition. */
import { api, array, bool, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 3,
  name: 'Metadata',
  text: 'Asks any broker for the brokers, the topics and the leaders of their partitions: how a client finds its way at the start, and again at every sign that something moved.',
  notes: {
    0: 'An empty list of topics means all of them, and a partition with a replica that is down answers REPLICA_NOT_AVAILABLE.',
    1: 'Null means all topics, an empty list none.',
    4: 'A client can forbid that missing topics are created. Before that, asking for one permits it.',
    6: "From here the client itself keeps silent for throttleTimeMs (KIP-219). A leader without this connection's listener is LISTENER_NOT_FOUND, before that LEADER_NOT_AVAILABLE.",
    8: 'What the caller may do, on request (KIP-430).',
    10: 'Topic ids in the answer (KIP-516). Asking by id is INVALID_REQUEST until 12.',
    11: 'What the caller may do to the cluster is asked by DescribeCluster instead (KIP-700).',
    12: 'Topics can be asked for by id, name null.',
    13: 'The broker can send a client back to its bootstrap servers (KIP-1102).',
  },
  versions: '0-13',
  flexible: '9+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    list(
      'topics',
      'Topic',
      { nullable: '1+' },
      'Null for all topics that the caller may describe; empty for none, which still lists the brokers. Version 0: empty is all.',
      [
        field('topicId', uuid, { in: '10+', ignorable: true }, 'Zero to ask by name. Only from 12 on.'),
        field('name', string, { nullable: '10+' }, 'Null to ask by id, from 12 on.'),
      ],
    ),
    field(
      'allowAutoTopicCreation',
      bool,
      { in: '4+', default: true },
      "Takes effect only where the broker's auto.create.topics.enable agrees. The first answer is an error even then: ask again.",
    ),
    field('includeClusterAuthorizedOperations', bool, { in: '8-10' }),
    field('includeTopicAuthorizedOperations', bool, { in: '8+' }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '3+', ignorable: true }),
    list('brokers', 'Broker', 'The brokers that are up, each with its address on the listener of this connection.', [
      field('nodeId', int32),
      field('host', string),
      field('port', int32),
      field('rack', string, { in: '1+', nullable: '0+', default: null, ignorable: true }),
    ]),
    field('clusterId', string, { in: '2+', nullable: '0+', default: null, ignorable: true }),
    field(
      'controllerId',
      int32,
      { in: '1+', default: -1, ignorable: true },
      '-1 when unknown. Under KRaft a live broker picked at random: it forwards to the controller, which clients cannot see.',
    ),
    list(
      'topics',
      'Topic',
      'Topics the caller may not describe are missing when all were asked for, and TOPIC_AUTHORIZATION_FAILED when named.',
      [
        field(
          'errorCode',
          int16,
          'Ask again: UNKNOWN_TOPIC_OR_PARTITION and UNKNOWN_TOPIC_ID (perhaps just created, perhaps gone), LEADER_NOT_AVAILABLE. Final: INVALID_TOPIC_EXCEPTION (no topic can have that name), TOPIC_AUTHORIZATION_FAILED.',
        ),
        field('name', string, { nullable: '12+' }, 'Null for an id that the broker does not know.'),
        field(
          'topicId',
          uuid,
          { in: '10+', ignorable: true },
          'Zero when the topic does not exist. A new id under a known name: deleted and created again, so old leader epochs no longer count.',
        ),
        field(
          'isInternal',
          bool,
          { in: '1+', ignorable: true },
          'True for the likes of __consumer_offsets and __transaction_state.',
        ),
        list('partitions', 'Partition', [
          field(
            'errorCode',
            int16,
            'LEADER_NOT_AVAILABLE and LISTENER_NOT_FOUND come with leaderId -1: ask again later. REPLICA_NOT_AVAILABLE can be ignored.',
          ),
          field('partitionIndex', int32),
          field('leaderId', int32, '-1 when there is no leader now.'),
          field(
            'leaderEpoch',
            int32,
            { in: '7+', default: -1, ignorable: true },
            'Grows with every change of leader. An answer with a lower one than seen before is out of date: ignore it for this partition. -1 unknown.',
          ),
          field('replicaNodes', array(int32), 'The first is the preferred leader.'),
          field('isrNodes', array(int32)),
          field(
            'offlineReplicas',
            array(int32),
            { in: '5+', ignorable: true },
            'On a broker that is down or a log directory that failed.',
          ),
        ]),
        field(
          'topicAuthorizedOperations',
          int32,
          { in: '8+', default: -2147483648 },
          'Bit n for the ACL operation with code n; the lowest int32 when not asked for.',
        ),
      ],
    ),
    field('clusterAuthorizedOperations', int32, { in: '8-10', default: -2147483648 }, 'As topicAuthorizedOperations.'),
    field(
      'errorCode',
      int16,
      { in: '13+', ignorable: true },
      'REBOOTSTRAP_REQUIRED: forget all brokers and start from the bootstrap servers.',
    ),
  ],
})

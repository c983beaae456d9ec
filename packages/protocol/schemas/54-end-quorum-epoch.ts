/** EndQuorumEpoch: a leader of the metadata log resigns. */
import { api, array, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 54,
  name: 'EndQuorumEpoch',
  text: 'A leader of the metadata log that steps down, mostly because it stops, tells the voters, so that they elect another without waiting for a timeout.',
  notes: {
    1: 'Candidates are named by id and directory id (KIP-853), and the leader says where it listens.',
  },
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null }, 'Null skips the check.'),
    list('topics', 'Topic', '`__cluster_metadata` alone, with its only partition 0.', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('leaderId', int32, 'The leader that resigns.'),
        field('leaderEpoch', int32, 'The epoch that it gives up.'),
        field(
          'preferredSuccessors',
          array(int32),
          { in: '0', ignorable: true },
          'Voters by how far they have replicated, the furthest first. The first stands for election at once, the others wait the longer the later they come.',
        ),
        list('preferredCandidates', 'PreferredCandidate', { in: '1+', ignorable: true }, 'As `preferredSuccessors`.', [
          field('candidateId', int32),
          field('candidateDirectoryId', uuid),
        ]),
      ]),
    ]),
    list('leaderEndpoints', 'LeaderEndpoint', { in: '1+', ignorable: true }, [
      field('name', string),
      field('host', string),
      field('port', uint16),
    ]),
  ],
  response: [
    field('errorCode', int16, 'INCONSISTENT_CLUSTER_ID, CLUSTER_AUTHORIZATION_FAILED.'),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'FENCED_LEADER_EPOCH: the voter is past the epoch that ends. INVALID_REQUEST: it knows another leader of that epoch.',
        ),
        field('leaderId', int32, '-1 when the voter knows of none.'),
        field('leaderEpoch', int32),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', { in: '1+', tag: 0 }, [
      field('nodeId', int32),
      field('host', string),
      field('port', uint16),
    ]),
  ],
})

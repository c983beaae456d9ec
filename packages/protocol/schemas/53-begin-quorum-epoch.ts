/** BeginQuorumEpoch: a new leader of the metadata log tells the voters. */
import { api, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 53,
  name: 'BeginQuorumEpoch',
  text: 'A new leader of the metadata log tells the voters that its epoch has begun. It repeats this until a voter fetches from it.',
  notes: {
    1: 'Voters are named by id and directory id (KIP-853), and the leader says where it listens.',
  },
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null }, 'Null skips the check.'),
    field(
      'voterId',
      int32,
      { in: '1+', default: -1, ignorable: true },
      'The receiver as the leader knows it; -1 when it does not.',
    ),
    list('topics', 'Topic', '`__cluster_metadata` alone, with its only partition 0.', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('voterDirectoryId', uuid, { in: '1+', ignorable: true }),
        field('leaderId', int32),
        field('leaderEpoch', int32),
      ]),
    ]),
    list(
      'leaderEndpoints',
      'LeaderEndpoint',
      { in: '1+', ignorable: true },
      'One for every listener of the leader; the voter takes the one named like its own controller listener.',
      [field('name', string), field('host', string), field('port', uint16)],
    ),
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
          'FENCED_LEADER_EPOCH: the voter has seen a later epoch. INVALID_VOTER_KEY: the request is for another replica.',
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

/** Vote: a controller asks the other voters of the metadata log to elect it. */
import { api, bool, field, int16, int32, int64, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 52,
  name: 'Vote',
  text: 'A controller that wants to lead the metadata log asks each of the other voters for its vote. Whoever gets a majority leads the epoch; a voter gives one vote per epoch and remembers it on disk.',
  notes: {
    1: 'A voter is its id and directory id together (KIP-853), so that a replica with an emptied disk is not taken for the old one.',
    2: 'Pre-vote (KIP-996): a replica first asks whether it would win, so that one behind a flaky link does not raise epochs.',
  },
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null }, 'Null skips the check.'),
    field(
      'voterId',
      int32,
      { in: '1+', default: -1, ignorable: true },
      'Who is asked; -1 when the sender does not know. Together with `voterDirectoryId` it must fit the receiver.',
    ),
    list('topics', 'Topic', '`__cluster_metadata` alone, with its only partition 0.', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'replicaEpoch',
          int32,
          'The epoch that the candidate stands for; in a pre-vote the epoch it is still in.',
        ),
        field('replicaId', int32, 'The candidate.'),
        field('replicaDirectoryId', uuid, { in: '1+', ignorable: true }),
        field('voterDirectoryId', uuid, { in: '1+', ignorable: true }),
        field(
          'lastOffsetEpoch',
          int32,
          "Epoch of the candidate's last record. With `lastOffset` it tells whether the candidate's log reaches as far as the voter's: if not, no vote.",
        ),
        field('lastOffset', int64, "End of the candidate's log."),
        field('preVote', bool, { in: '2+' }, 'True asks without obligation: no epoch rises and no vote is stored.'),
      ]),
    ]),
  ],
  response: [
    field('errorCode', int16, 'INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, CLUSTER_AUTHORIZATION_FAILED.'),
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
        field('voteGranted', bool),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', { in: '1+', tag: 0 }, 'Where the leaders named above can be reached.', [
      field('nodeId', int32),
      field('host', string),
      field('port', uint16),
    ]),
  ],
})

/** UpdateRaftVoter: a voter tells the leader its listeners and versions. */
import { api, field, int16, int32, list, nested, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 82,
  name: 'UpdateRaftVoter',
  text: 'A voter whose listeners or supported kraft.version differ from what the voter set says tells the leader, after a restart as a rule (KIP-853).',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+' }, 'Null skips the check.'),
    field('currentLeaderEpoch', int32, '-1 when unknown.'),
    field('voterId', int32),
    field('voterDirectoryId', uuid),
    list('listeners', 'Listener', 'Of the voter.', [
      field('name', string),
      field('host', string),
      field('port', uint16),
    ]),
    nested('kRaftVersionFeature', 'KRaftVersionFeature', 'Must hold the finalized kraft.version.', [
      field('minSupportedVersion', int16),
      field('maxSupportedVersion', int16),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`. VOTER_NOT_FOUND, REQUEST_TIMED_OUT, INVALID_REQUEST, INCONSISTENT_CLUSTER_ID.',
    ),
    nested('currentLeader', 'CurrentLeader', { tag: 0 }, [
      field('leaderId', int32, { default: -1 }, '-1 when unknown.'),
      field('leaderEpoch', int32, { default: -1 }),
      field('host', string),
      field('port', int32),
    ]),
  ],
})

/** AddRaftVoter: adds a controller to the voters of the metadata log. */
import { api, bool, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 80,
  name: 'AddRaftVoter',
  text: 'Adds a controller to the voters of the metadata log (KIP-853). It must already follow the log and have nearly caught up. One change of voters at a time.',
  notes: {
    1: 'Lets the caller choose not to wait for the commit, as a controller does that adds itself (KIP-1186).',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller', 'broker'],
  request: [
    field('clusterId', string, { nullable: '0+' }, 'Null skips the check.'),
    field('timeoutMs', int32),
    field('voterId', int32),
    field('voterDirectoryId', uuid),
    list('listeners', 'Listener', "Must have the leader's default controller listener.", [
      field('name', string),
      field('host', string),
      field('port', uint16),
    ]),
    field(
      'ackWhenCommitted',
      bool,
      { in: '1+', default: true },
      'False answers when the leader has written the new set to its own log.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'DUPLICATE_VOTER: the id votes already. REQUEST_TIMED_OUT: another change is under way, the new voter lags, or the commit takes longer; the voter may still be added. UNSUPPORTED_VERSION: kraft.version is 0. INVALID_REQUEST, INCONSISTENT_CLUSTER_ID, NOT_LEADER_OR_FOLLOWER.',
    ),
    field('errorMessage', string, { nullable: '0+', ignorable: true }),
  ],
})

/** RemoveRaftVoter: takes a controller out of the voters of the metadata log. */
import { api, field, int16, int32, string, uuid } from '../generate/schema.js'

export default api({
  key: 81,
  name: 'RemoveRaftVoter',
  text: 'Takes a controller out of the voters of the metadata log (KIP-853). A leader that removes itself steps down once that is committed.',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller', 'broker'],
  request: [
    field('clusterId', string, { nullable: '0+' }, 'Null skips the check.'),
    field('voterId', int32),
    field('voterDirectoryId', uuid, 'Must fit the id: a replica with another directory is another voter.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'VOTER_NOT_FOUND: no such voter, or the only one. REQUEST_TIMED_OUT: another change is under way, or the commit takes longer; the voter may still be removed. UNSUPPORTED_VERSION: kraft.version is 0. INVALID_REQUEST, INCONSISTENT_CLUSTER_ID, NOT_LEADER_OR_FOLLOWER.',
    ),
    field('errorMessage', string, { nullable: '0+', ignorable: true }),
  ],
})

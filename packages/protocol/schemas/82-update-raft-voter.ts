import { api, field, int16, int32, list, nested, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 82,
  name: 'UpdateRaftVoter',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+' }),
    field('currentLeaderEpoch', int32),
    field('voterId', int32),
    field('voterDirectoryId', uuid),
    list('listeners', 'Listener', [field('name', string), field('host', string), field('port', uint16)]),
    nested('kRaftVersionFeature', 'KRaftVersionFeature', [
      field('minSupportedVersion', int16),
      field('maxSupportedVersion', int16),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    nested('currentLeader', 'CurrentLeader', { tag: 0 }, [
      field('leaderId', int32, { default: -1 }),
      field('leaderEpoch', int32, { default: -1 }),
      field('host', string),
      field('port', int32),
    ]),
  ],
})

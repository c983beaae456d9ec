import { api, bool, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 80,
  name: 'AddRaftVoter',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller', 'broker'],
  request: [
    field('clusterId', string, { nullable: '0+' }),
    field('timeoutMs', int32),
    field('voterId', int32),
    field('voterDirectoryId', uuid),
    list('listeners', 'Listener', [field('name', string), field('host', string), field('port', uint16)]),
    field('ackWhenCommitted', bool, { in: '1+', default: true }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', ignorable: true }),
  ],
})

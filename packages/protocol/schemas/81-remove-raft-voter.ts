import { api, field, int16, int32, string, uuid } from '../generate/schema.js'

export default api({
  key: 81,
  name: 'RemoveRaftVoter',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller', 'broker'],
  request: [field('clusterId', string, { nullable: '0+' }), field('voterId', int32), field('voterDirectoryId', uuid)],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', ignorable: true }),
  ],
})

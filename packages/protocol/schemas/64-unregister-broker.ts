import { api, field, int16, int32, string } from '../generate/schema.js'

export default api({
  key: 64,
  name: 'UnregisterBroker',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [field('brokerId', int32)],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
  ],
})

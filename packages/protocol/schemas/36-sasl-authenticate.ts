import { api, bytes, field, int16, int64, string } from '../generate/schema.js'

export default api({
  key: 36,
  name: 'SaslAuthenticate',
  text: '',
  versions: '0-2',
  flexible: '2+',
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: [field('authBytes', bytes)],
  response: [
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    field('authBytes', bytes),
    field('sessionLifetimeMs', int64, { in: '1+', ignorable: true }),
  ],
})

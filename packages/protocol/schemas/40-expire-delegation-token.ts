import { api, bytes, field, int16, int32, int64 } from '../generate/schema.js'

export default api({
  key: 40,
  name: 'ExpireDelegationToken',
  text: '',
  versions: '1-2',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [field('hmac', bytes), field('expiryTimePeriodMs', int64)],
  response: [field('errorCode', int16), field('expiryTimestampMs', int64), field('throttleTimeMs', int32)],
})

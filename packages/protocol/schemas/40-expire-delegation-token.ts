/** ExpireDelegationToken: a token is to end sooner. */
import { api, bytes, field, int16, int32, int64 } from '../generate/schema.js'

export default api({
  key: 40,
  name: 'ExpireDelegationToken',
  text: 'Brings the expiry of a token forward, or revokes it. Sent by its owner or a renewer.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
  },
  versions: '1-2',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('hmac', bytes),
    field('expiryTimePeriodMs', int64, 'From now on; a negative one revokes the token at once.'),
  ],
  response: [
    field(
      'errorCode',
      int16,
      'DELEGATION_TOKEN_NOT_FOUND, DELEGATION_TOKEN_EXPIRED, DELEGATION_TOKEN_OWNER_MISMATCH, DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.',
    ),
    field('expiryTimestampMs', int64),
    field('throttleTimeMs', int32),
  ],
})

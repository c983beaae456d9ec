/** RenewDelegationToken: a token is to live longer. */
import { api, bytes, field, int16, int32, int64 } from '../generate/schema.js'

export default api({
  key: 39,
  name: 'RenewDelegationToken',
  text: 'Puts off the expiry of a token, never past its maximum. Sent by its owner or a renewer.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
  },
  versions: '1-2',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('hmac', bytes),
    field('renewPeriodMs', int64, "From now on; -1 for the broker's delegation.token.expiry.time.ms."),
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

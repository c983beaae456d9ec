/** DescribeDelegationToken: tokens that are in force. */
import { api, bytes, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 41,
  name: 'DescribeDelegationToken',
  text: 'Lists tokens that the caller owns, may renew or may describe.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Who requested a token (KIP-373).',
  },
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('owners', 'Owner', { nullable: '0+' }, 'Null for all owners; empty finds nothing.', [
      field('principalType', string),
      field('principalName', string),
    ]),
  ],
  response: [
    field('errorCode', int16, 'DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.'),
    list('tokens', 'Token', [
      field('principalType', string),
      field('principalName', string),
      field('tokenRequesterPrincipalType', string, { in: '3+' }),
      field('tokenRequesterPrincipalName', string, { in: '3+' }),
      field('issueTimestamp', int64),
      field('expiryTimestamp', int64, 'In ms: when it ends unless it is renewed.'),
      field('maxTimestamp', int64, 'In ms: when it ends even if it is renewed.'),
      field('tokenId', string),
      field('hmac', bytes, 'The secret itself.'),
      list('renewers', 'Renewer', [field('principalType', string), field('principalName', string)]),
    ]),
    field('throttleTimeMs', int32),
  ],
})

import { api, bytes, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 38,
  name: 'CreateDelegationToken',
  text: '',
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('ownerPrincipalType', string, { in: '3+', nullable: '0+' }),
    field('ownerPrincipalName', string, { in: '3+', nullable: '0+' }),
    list('renewers', 'Renewer', [field('principalType', string), field('principalName', string)]),
    field('maxLifetimeMs', int64),
  ],
  response: [
    field('errorCode', int16),
    field('principalType', string),
    field('principalName', string),
    field('tokenRequesterPrincipalType', string, { in: '3+' }),
    field('tokenRequesterPrincipalName', string, { in: '3+' }),
    field('issueTimestampMs', int64),
    field('expiryTimestampMs', int64),
    field('maxTimestampMs', int64),
    field('tokenId', string),
    field('hmac', bytes),
    field('throttleTimeMs', int32),
  ],
})

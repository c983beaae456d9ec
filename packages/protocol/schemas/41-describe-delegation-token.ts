import { api, bytes, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 41,
  name: 'DescribeDelegationToken',
  text: '',
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('owners', 'Owner', { nullable: '0+' }, [field('principalType', string), field('principalName', string)]),
  ],
  response: [
    field('errorCode', int16),
    list('tokens', 'Token', [
      field('principalType', string),
      field('principalName', string),
      field('tokenRequesterPrincipalType', string, { in: '3+' }),
      field('tokenRequesterPrincipalName', string, { in: '3+' }),
      field('issueTimestamp', int64),
      field('expiryTimestamp', int64),
      field('maxTimestamp', int64),
      field('tokenId', string),
      field('hmac', bytes),
      list('renewers', 'Renewer', [field('principalType', string), field('principalName', string)]),
    ]),
    field('throttleTimeMs', int32),
  ],
})

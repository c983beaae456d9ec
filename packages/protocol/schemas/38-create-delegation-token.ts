/** CreateDelegationToken: a secret that lets others act as its owner. */
import { api, bytes, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 38,
  name: 'CreateDelegationToken',
  text: "Issues a token by which workers authenticate (SCRAM) without the owner's own credentials (KIP-48). Not allowed on a connection that is itself authenticated by a token.",
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'A token for somebody else (KIP-373).',
  },
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('ownerPrincipalType', string, { in: '3+', nullable: '0+' }, 'Null for the caller.'),
    field('ownerPrincipalName', string, { in: '3+', nullable: '0+' }, 'Null for the caller.'),
    list('renewers', 'Renewer', 'Who may renew it besides the owner.', [
      field('principalType', string, '"User" is the only type.'),
      field('principalName', string),
    ]),
    field('maxLifetimeMs', int64, "-1 for the broker's delegation.token.max.lifetime.ms, which also bounds it."),
  ],
  response: [
    field(
      'errorCode',
      int16,
      'DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, DELEGATION_TOKEN_AUTHORIZATION_FAILED, INVALID_PRINCIPAL_TYPE.',
    ),
    field('principalType', string),
    field('principalName', string),
    field('tokenRequesterPrincipalType', string, { in: '3+' }),
    field('tokenRequesterPrincipalName', string, { in: '3+' }),
    field('issueTimestampMs', int64),
    field('expiryTimestampMs', int64, 'When it ends unless it is renewed.'),
    field('maxTimestampMs', int64, 'When it ends even if it is renewed.'),
    field('tokenId', string, 'The user name under SCRAM.'),
    field('hmac', bytes, 'The secret; in base64 it is the password under SCRAM.'),
    field('throttleTimeMs', int32),
  ],
})

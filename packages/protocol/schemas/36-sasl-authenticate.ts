/** SaslAuthenticate: one step of a SASL exchange. */
import { api, bytes, field, int16, int64, string } from '../generate/schema.js'

export default api({
  key: 36,
  name: 'SaslAuthenticate',
  text: 'Carries a token of the mechanism each way, as often as the mechanism needs, after SaslHandshake 1. Until it is done the broker serves nothing else on the connection but ApiVersions.',
  notes: {
    1: 'The broker can ask for authentication to be repeated (KIP-368).',
  },
  versions: '0-2',
  flexible: '2+',
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: [
    field(
      'authBytes',
      bytes,
      'PLAIN: two zero bytes divide an optional identity, user and password. SCRAM and OAUTHBEARER: the messages of RFC 5802 and RFC 7628.',
    ),
  ],
  response: [
    field(
      'errorCode',
      int16,
      'SASL_AUTHENTICATION_FAILED: final, do not retry with the same credentials. ILLEGAL_SASL_STATE: not in this order. The connection is closed after either.',
    ),
    field('errorMessage', string, { nullable: '0+' }, 'Safe to show to the user.'),
    field(
      'authBytes',
      bytes,
      "The server's token; empty when the mechanism has no more to say. SCRAM clients must verify the last one.",
    ),
    field(
      'sessionLifetimeMs',
      int64,
      { in: '1+', ignorable: true },
      'Repeat SaslHandshake and SaslAuthenticate on this connection within that time, or the broker closes it. 0: never needed.',
    ),
  ],
})

/** SaslHandshake: the client names the mechanism by which it will authenticate. */
import { api, array, field, int16, string } from '../generate/schema.js'

export default api({
  key: 17,
  name: 'SaslHandshake',
  text: 'Opens authentication on a connection, or repeats it when the session is about to end. The answer lists the mechanisms that the listener offers.',
  notes: {
    0: 'The tokens that follow travel bare, each behind an int32 length and outside of any request. Kept for very old clients.',
    1: 'The tokens that follow travel in SaslAuthenticate requests (KIP-152).',
  },
  versions: '0-1',
  flexible: 'none',
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: [
    field(
      'mechanism',
      string,
      'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI. Authenticating again must use the first one.',
    ),
  ],
  response: [
    field(
      'errorCode',
      int16,
      'UNSUPPORTED_SASL_MECHANISM: pick one from the list. ILLEGAL_SASL_STATE: this listener does not authenticate by SASL, or not now.',
    ),
    field('mechanisms', array(string), 'Filled on error as well.'),
  ],
})

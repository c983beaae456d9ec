/** Envelope: a client's request, forwarded by a broker to the controller. */
import { api, bytes, field, int16 } from '../generate/schema.js'

export default api({
  key: 58,
  name: 'Envelope',
  text: "A broker hands a client's request on to the controller, with who sent it and from where, so that the controller checks the client's rights and not the broker's. The answer goes back to the client as it is.",
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('requestData', bytes, "The client's request from its header on, without the frame's length."),
    field(
      'requestPrincipal',
      bytes,
      { nullable: '0+' },
      'A DefaultPrincipalData record, unless the cluster has its own principal serializer.',
    ),
    field('clientHostAddress', bytes, '4 or 16 bytes.'),
  ],
  response: [
    field(
      'responseData',
      bytes,
      { nullable: '0+', default: null },
      'The answer from its header on; null when `errorCode` is set.',
    ),
    field(
      'errorCode',
      int16,
      'Of the forwarding, not of what was forwarded. NOT_CONTROLLER: the broker finds the new one. CLUSTER_AUTHORIZATION_FAILED: the sender is no broker. PRINCIPAL_DESERIALIZATION_FAILURE, INVALID_REQUEST, UNSUPPORTED_VERSION.',
    ),
  ],
})

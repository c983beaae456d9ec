/** ControllerRegistration: a controller makes itself known to the active one. */
import { api, bool, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 70,
  name: 'ControllerRegistration',
  text: 'A controller tells the active one where it listens and which features it supports. All nodes learn of it through the metadata log, admin clients through DescribeCluster (KIP-919).',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('controllerId', int32),
    field('incarnationId', uuid, 'New in every process.'),
    field('zkMigrationReady', bool, 'From the move off ZooKeeper; no longer of use.'),
    list('listeners', 'Listener', [
      field('name', string),
      field('host', string),
      field('port', uint16),
      field('securityProtocol', int16, '0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.'),
    ]),
    list('features', 'Feature', [
      field('name', string),
      field('minSupportedVersion', int16),
      field('maxSupportedVersion', int16),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'NOT_CONTROLLER: find the active one. UNSUPPORTED_VERSION: metadata.version knows no such registration yet.',
    ),
    field('errorMessage', string, { nullable: '0+' }),
  ],
})

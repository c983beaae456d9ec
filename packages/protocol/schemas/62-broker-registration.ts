/** BrokerRegistration: a starting broker makes itself known to the controller. */
import { api, array, bool, field, int16, int32, int64, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 62,
  name: 'BrokerRegistration',
  text: 'A broker that starts registers with the controller: where it listens, what it supports, which directories it has. It gets a broker epoch, stays fenced, and is let in by its heartbeats.',
  notes: {
    1: 'From the move off ZooKeeper; no longer of use.',
    2: 'Log directories, for placing and electing by directory (KIP-858).',
    3: 'Tells a clean start from an unclean one (KIP-966).',
    4: 'Features whose lowest version is 0 may be listed; before, they had to be left out.',
  },
  versions: '0-4',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('clusterId', string),
    field(
      'incarnationId',
      uuid,
      "New in every process. A second process with the same broker id is refused while the first one's session lives.",
    ),
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
    field('rack', string, { nullable: '0+' }, 'Null when the broker is in none.'),
    field('isMigratingZkBroker', bool, { in: '1+' }, 'Must be false.'),
    field('logDirs', array(uuid), { in: '2+', ignorable: true }, 'The directories that are online.'),
    field(
      'previousBrokerEpoch',
      int64,
      { in: '3+', default: -1n, ignorable: true },
      'The epoch it had when it last shut down in order. If that is not the last one the controller gave out, the shutdown was unclean and the broker drops out of every ISR and ELR.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'DUPLICATE_BROKER_REGISTRATION: try again when the old session has run out. INCONSISTENT_CLUSTER_ID. INVALID_REGISTRATION: directories are missing, reserved or taken. UNSUPPORTED_VERSION: a finalized feature is beyond this broker.',
    ),
    field(
      'brokerEpoch',
      int64,
      { default: -1n },
      'Goes with every later request to the controller, which so tells this life of the broker from earlier ones. It is the offset of the registration record; -1 with an error.',
    ),
  ],
})

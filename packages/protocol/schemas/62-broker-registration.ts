import { api, array, bool, field, int16, int32, int64, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 62,
  name: 'BrokerRegistration',
  text: '',
  versions: '0-4',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('clusterId', string),
    field('incarnationId', uuid),
    list('listeners', 'Listener', [
      field('name', string),
      field('host', string),
      field('port', uint16),
      field('securityProtocol', int16),
    ]),
    list('features', 'Feature', [
      field('name', string),
      field('minSupportedVersion', int16),
      field('maxSupportedVersion', int16),
    ]),
    field('rack', string, { nullable: '0+' }),
    field('isMigratingZkBroker', bool, { in: '1+' }),
    field('logDirs', array(uuid), { in: '2+', ignorable: true }),
    field('previousBrokerEpoch', int64, { in: '3+', default: -1n, ignorable: true }),
  ],
  response: [field('throttleTimeMs', int32), field('errorCode', int16), field('brokerEpoch', int64, { default: -1n })],
})

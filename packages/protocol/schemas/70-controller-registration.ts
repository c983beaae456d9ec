import { api, bool, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 70,
  name: 'ControllerRegistration',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('controllerId', int32),
    field('incarnationId', uuid),
    field('zkMigrationReady', bool),
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
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
  ],
})

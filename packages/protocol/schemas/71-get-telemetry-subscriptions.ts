import { api, array, bool, field, int8, int16, int32, string, uuid } from '../generate/schema.js'

export default api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [field('clientInstanceId', uuid)],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('clientInstanceId', uuid),
    field('subscriptionId', int32),
    field('acceptedCompressionTypes', array(int8)),
    field('pushIntervalMs', int32),
    field('telemetryMaxBytes', int32),
    field('deltaTemporality', bool),
    field('requestedMetrics', array(string)),
  ],
})

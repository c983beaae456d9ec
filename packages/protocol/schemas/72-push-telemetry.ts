import { api, bool, bytes, field, int8, int16, int32, uuid } from '../generate/schema.js'

export default api({
  key: 72,
  name: 'PushTelemetry',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    field('clientInstanceId', uuid),
    field('subscriptionId', int32),
    field('terminating', bool),
    field('compressionType', int8),
    field('metrics', bytes),
  ],
  response: [field('throttleTimeMs', int32), field('errorCode', int16)],
})

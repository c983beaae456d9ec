import { api, field, int16, int32, int64 } from '../generate/schema.js'

export default api({
  key: 67,
  name: 'AllocateProducerIds',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [field('brokerId', int32), field('brokerEpoch', int64, { default: -1n })],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('producerIdStart', int64),
    field('producerIdLen', int32),
  ],
})

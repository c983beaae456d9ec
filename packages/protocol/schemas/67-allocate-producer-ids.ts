/** AllocateProducerIds: a broker takes a block of producer ids. */
import { api, field, int16, int32, int64 } from '../generate/schema.js'

export default api({
  key: 67,
  name: 'AllocateProducerIds',
  text: 'A broker takes a block of producer ids from the controller, to hand them out to producers one by one through InitProducerId. No id is ever given out twice; what is left of a block when a broker stops is lost.',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [field('brokerId', int32), field('brokerEpoch', int64, { default: -1n })],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'STALE_BROKER_EPOCH: an earlier life of the broker asks.'),
    field('producerIdStart', int64),
    field('producerIdLen', int32, '1000 from a Kafka controller.'),
  ],
})

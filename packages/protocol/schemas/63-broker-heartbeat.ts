import { api, array, bool, field, int16, int32, int64, uuid } from '../generate/schema.js'

export default api({
  key: 63,
  name: 'BrokerHeartbeat',
  text: '',
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('brokerEpoch', int64, { default: -1n }),
    field('currentMetadataOffset', int64),
    field('wantFence', bool),
    field('wantShutDown', bool),
    field('offlineLogDirs', array(uuid), { in: '1+', tag: 0 }),
    field('cordonedLogDirs', array(uuid), { in: '2+', nullable: '0+', default: null, tag: 1 }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('isCaughtUp', bool),
    field('isFenced', bool, { default: true }),
    field('shouldShutDown', bool),
  ],
})

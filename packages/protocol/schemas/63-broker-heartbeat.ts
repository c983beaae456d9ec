/** BrokerHeartbeat: keeps a broker's session with the controller alive. */
import { api, array, bool, field, int16, int32, int64, uuid } from '../generate/schema.js'

export default api({
  key: 63,
  name: 'BrokerHeartbeat',
  text: "Keeps a broker's session with the controller alive and carries its wishes: to be let in, to be fenced, to shut down. Without one for broker.session.timeout.ms the broker is fenced and leaves every ISR.",
  notes: {
    1: 'Failed log directories, so that partitions on them get a new leader (KIP-858).',
    2: 'Cordoned log directories, which get no new replicas (KIP-1066).',
  },
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('brokerEpoch', int64, { default: -1n }),
    field(
      'currentMetadataOffset',
      int64,
      'How far the broker has applied the metadata log. It is unfenced once it has applied its own registration.',
    ),
    field('wantFence', bool, 'True until the broker is ready to serve.'),
    field('wantShutDown', bool, 'Starts a controlled shutdown: leaderships move away before the broker goes.'),
    field('offlineLogDirs', array(uuid), { in: '1+', tag: 0 }),
    field(
      'cordonedLogDirs',
      array(uuid),
      { in: '2+', nullable: '0+', default: null, tag: 1 },
      'Null while the broker is still starting.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'STALE_BROKER_EPOCH: register again. NOT_CONTROLLER: find the controller.'),
    field('isCaughtUp', bool),
    field('isFenced', bool, { default: true }),
    field('shouldShutDown', bool, 'True once nothing is led by the broker any more and it may go.'),
  ],
})

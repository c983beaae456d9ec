/** AssignReplicasToDirs: a broker reports which log directory holds which replica. */
import { api, field, int16, int32, int64, list, uuid } from '../generate/schema.js'

export default api({
  key: 73,
  name: 'AssignReplicasToDirs',
  text: 'A broker with several log directories tells the controller which replica lies in which (KIP-858), so that a failed directory takes only its own partitions down.',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('brokerEpoch', int64, { default: -1n }, 'An old one gets STALE_BROKER_EPOCH.'),
    list('directories', 'Directory', [
      field('id', uuid, "As in the directory's meta.properties."),
      list('topics', 'Topic', [
        field('topicId', uuid),
        list('partitions', 'Partition', [field('partitionIndex', int32)]),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'STALE_BROKER_EPOCH, NOT_CONTROLLER, CLUSTER_AUTHORIZATION_FAILED.'),
    list('directories', 'Directory', [
      field('id', uuid),
      list('topics', 'Topic', [
        field('topicId', uuid),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          field(
            'errorCode',
            int16,
            'UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION: deleted meanwhile. NOT_LEADER_OR_FOLLOWER: the broker holds no replica of it.',
          ),
        ]),
      ]),
    ]),
  ],
})

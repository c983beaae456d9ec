/** AlterReplicaLogDirs: replicas move between the disks of one broker. */
import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  text: "Moves the broker's own replicas to other log directories (KIP-113). It answers when the move has begun; DescribeLogDirs shows how far it got.",
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
  },
  versions: '1-2',
  flexible: '2+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [
    list('dirs', 'Dir', [
      field('path', string, "One of the broker's log.dirs, as it is written there."),
      list('topics', 'Topic', [field('name', string), field('partitions', array(int32))]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'LOG_DIR_NOT_FOUND: no such directory. KAFKA_STORAGE_ERROR: it has failed. REPLICA_NOT_AVAILABLE: no such replica here yet; it is created in that directory when it comes. CLUSTER_AUTHORIZATION_FAILED.',
        ),
      ]),
    ]),
  ],
})

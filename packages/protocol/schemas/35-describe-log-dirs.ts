/** DescribeLogDirs: what lies on the disks of one broker. */
import { api, array, bool, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 35,
  name: 'DescribeLogDirs',
  text: 'Tells for each log directory of the asked broker its room and the replicas in it, with their sizes (KIP-113).',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Lack of rights is an error; before that it looks like a broker without directories.',
    4: 'Size of the volume and room left on it (KIP-827).',
    5: 'Whether new replicas are kept away from a directory (KIP-1066).',
  },
  versions: '1-5',
  flexible: '2+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [
    list('topics', 'Topic', { nullable: '0+' }, 'Null for all of them.', [
      field('topic', string),
      field('partitions', array(int32)),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, { in: '3+', ignorable: true }, 'CLUSTER_AUTHORIZATION_FAILED.'),
    list('results', 'Result', [
      field('errorCode', int16, 'KAFKA_STORAGE_ERROR: the directory has failed.'),
      field('logDir', string),
      list('topics', 'Topic', [
        field('name', string),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          field('partitionSize', int64, 'Bytes of its segments on disk.'),
          field(
            'offsetLag',
            int64,
            "Offsets still missing. For the replica in use, its end against the high watermark; for one on the move, its end against the old copy's.",
          ),
          field(
            'isFutureKey',
            bool,
            'True for the copy that AlterReplicaLogDirs is making; the same partition then stands in two directories.',
          ),
        ]),
      ]),
      field(
        'totalBytes',
        int64,
        { in: '4+', default: -1n, ignorable: true },
        '-1 when unknown. Tiered storage does not count.',
      ),
      field(
        'usableBytes',
        int64,
        { in: '4+', default: -1n, ignorable: true },
        '-1 when unknown. Tiered storage does not count.',
      ),
      field('isCordoned', bool, { in: '5+', ignorable: true }),
    ]),
  ],
})

import { api, array, field, int16, int32, int64, list, string, struct, uint16, uuid } from '../generate/schema.js'

const replicaState = struct('ReplicaState', [
  field('replicaId', int32),
  field('replicaDirectoryId', uuid, { in: '2+' }),
  field('logEndOffset', int64),
  field('lastFetchTimestamp', int64, { in: '1+', default: -1n, ignorable: true }),
  field('lastCaughtUpTimestamp', int64, { in: '1+', default: -1n, ignorable: true }),
])

export default api({
  key: 55,
  name: 'DescribeQuorum',
  text: '',
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [field('partitionIndex', int32)]),
    ]),
  ],
  response: [
    field('errorCode', int16),
    field('errorMessage', string, { in: '2+', nullable: '0+', ignorable: true }),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('errorMessage', string, { in: '2+', nullable: '0+', ignorable: true }),
        field('leaderId', int32),
        field('leaderEpoch', int32),
        field('highWatermark', int64),
        field('currentVoters', array(replicaState)),
        field('observers', array(replicaState)),
      ]),
    ]),
    list('nodes', 'Node', { in: '2+' }, [
      field('nodeId', int32),
      list('listeners', 'Listener', [field('name', string), field('host', string), field('port', uint16)]),
    ]),
  ],
})

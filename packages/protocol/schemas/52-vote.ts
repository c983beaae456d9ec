import { api, bool, field, int16, int32, int64, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 52,
  name: 'Vote',
  text: '',
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null }),
    field('voterId', int32, { in: '1+', default: -1, ignorable: true }),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('replicaEpoch', int32),
        field('replicaId', int32),
        field('replicaDirectoryId', uuid, { in: '1+', ignorable: true }),
        field('voterDirectoryId', uuid, { in: '1+', ignorable: true }),
        field('lastOffsetEpoch', int32),
        field('lastOffset', int64),
        field('preVote', bool, { in: '2+' }),
      ]),
    ]),
  ],
  response: [
    field('errorCode', int16),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('leaderId', int32),
        field('leaderEpoch', int32),
        field('voteGranted', bool),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', { in: '1+', tag: 0 }, [
      field('nodeId', int32),
      field('host', string),
      field('port', uint16),
    ]),
  ],
})

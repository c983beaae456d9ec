import { api, field, int16, int32, list, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 53,
  name: 'BeginQuorumEpoch',
  text: '',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null }),
    field('voterId', int32, { in: '1+', default: -1, ignorable: true }),
    list('topics', 'Topic', [
      field('topicName', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('voterDirectoryId', uuid, { in: '1+', ignorable: true }),
        field('leaderId', int32),
        field('leaderEpoch', int32),
      ]),
    ]),
    list('leaderEndpoints', 'LeaderEndpoint', { in: '1+', ignorable: true }, [
      field('name', string),
      field('host', string),
      field('port', uint16),
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
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', { in: '1+', tag: 0 }, [
      field('nodeId', int32),
      field('host', string),
      field('port', uint16),
    ]),
  ],
})

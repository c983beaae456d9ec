import { api, field, int16, int32, int64, list, nested, records, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 59,
  name: 'FetchSnapshot',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null, tag: 0 }),
    field('replicaId', int32, { default: -1 }),
    field('maxBytes', int32, { default: 2147483647 }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partition', int32),
        field('currentLeaderEpoch', int32),
        nested('snapshotId', 'SnapshotId', [field('endOffset', int64), field('epoch', int32)]),
        field('position', int64),
        field('replicaDirectoryId', uuid, { in: '1+', ignorable: true, tag: 0 }),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    field('errorCode', int16),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('index', int32),
        field('errorCode', int16),
        nested('snapshotId', 'SnapshotId', [field('endOffset', int64), field('epoch', int32)]),
        nested('currentLeader', 'CurrentLeader', { tag: 0 }, [field('leaderId', int32), field('leaderEpoch', int32)]),
        field('size', int64),
        field('position', int64),
        field('unalignedRecords', records),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', { in: '1+', tag: 0 }, [
      field('nodeId', int32),
      field('host', string),
      field('port', uint16),
    ]),
  ],
})

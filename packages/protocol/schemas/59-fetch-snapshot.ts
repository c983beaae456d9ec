/** FetchSnapshot: a follower of the metadata log reads a snapshot in pieces. */
import { api, field, int16, int32, int64, list, nested, records, string, uint16, uuid } from '../generate/schema.js'

export default api({
  key: 59,
  name: 'FetchSnapshot',
  text: 'Reads a snapshot of the metadata log piece by piece. A follower comes here when a Fetch response points it to a snapshot because the leader no longer has the records it asked for.',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['controller'],
  request: [
    field('clusterId', string, { nullable: '0+', default: null, tag: 0 }, 'Null skips the check.'),
    field('replicaId', int32, { default: -1 }, '-1 for a reader that is no replica.'),
    field('maxBytes', int32, { default: 2147483647 }, 'For all pieces together.'),
    list('topics', 'Topic', '`__cluster_metadata` alone, with its only partition 0.', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partition', int32),
        field('currentLeaderEpoch', int32, '-1 skips the check.'),
        nested(
          'snapshotId',
          'SnapshotId',
          'Names the snapshot: it holds everything below `endOffset`, whose last record was written in `epoch`.',
          [field('endOffset', int64), field('epoch', int32)],
        ),
        field('position', int64, "Where in the snapshot's bytes to go on: 0 first, then what was read so far."),
        field('replicaDirectoryId', uuid, { in: '1+', ignorable: true, tag: 0 }),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    field('errorCode', int16, 'INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, CLUSTER_AUTHORIZATION_FAILED.'),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('index', int32),
        field(
          'errorCode',
          int16,
          'SNAPSHOT_NOT_FOUND: the leader has deleted it, fetch again. POSITION_OUT_OF_RANGE. FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`.',
        ),
        nested('snapshotId', 'SnapshotId', [field('endOffset', int64), field('epoch', int32)]),
        nested('currentLeader', 'CurrentLeader', { tag: 0 }, [field('leaderId', int32), field('leaderEpoch', int32)]),
        field('size', int64, 'Of the whole snapshot, in bytes: the follower is done when it has as many.'),
        field('position', int64),
        field(
          'unalignedRecords',
          records,
          'May begin and end in the middle of a batch: put the pieces together before reading.',
        ),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', { in: '1+', tag: 0 }, 'Where the leaders named above can be reached.', [
      field('nodeId', int32),
      field('host', string),
      field('port', uint16),
    ]),
  ],
})

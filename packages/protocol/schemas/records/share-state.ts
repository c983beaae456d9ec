/** Records of `__share_group_state`: how far share groups have come in each partition (KIP-932). */
import { field, int8, int16, int32, int64, list, type RecordType, record, string, uuid } from '../../generate/schema.js'

const shareState: readonly RecordType[] = [
  record({
    name: 'ShareSnapshotKey',
    text: 'Names the state of one partition for one share group. With a null value it is gone.',
    kind: 'coordinator-key',
    id: 0,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('topicId', uuid), field('partition', int32)],
  }),
  record({
    name: 'ShareSnapshotValue',
    text: 'The whole state of one partition for one share group; what came before it is no longer needed.',
    kind: 'coordinator-value',
    id: 0,
    versions: '0',
    flexible: '0+',
    fields: [
      field('snapshotEpoch', int32, 'Rises with every snapshot.'),
      field('stateEpoch', int32, 'Rises when the group coordinator sets the state up anew.'),
      field('leaderEpoch', int32, 'Of the partition leader that wrote last: writers with a lower one are refused.'),
      field('startOffset', int64, 'Everything below is done with. -1 when not settled yet.'),
      field(
        'deliveryCompleteCount',
        int32,
        { default: -1, tag: 0 },
        'How many offsets from the start offset on are done with. -1 when unknown.',
      ),
      field('createTimestamp', int64, 'When the state was first set up, in ms.'),
      field('writeTimestamp', int64, 'When this snapshot was written, in ms.'),
      list('stateBatches', 'StateBatch', [
        field('firstOffset', int64),
        field('lastOffset', int64, 'Inclusive.'),
        field('deliveryState', int8, '0 available, 2 acknowledged, 4 archived.'),
        field('deliveryCount', int16),
      ]),
    ],
  }),
  record({
    name: 'ShareUpdateKey',
    text: 'Names the state of one partition for one share group, as ShareSnapshotKey does.',
    kind: 'coordinator-key',
    id: 1,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('topicId', uuid), field('partition', int32)],
  }),
  record({
    name: 'ShareUpdateValue',
    text: 'What changed since the snapshot. It is much smaller than one, and a new snapshot is due after some of them.',
    kind: 'coordinator-value',
    id: 1,
    versions: '0',
    flexible: '0+',
    fields: [
      field('snapshotEpoch', int32, 'Of the snapshot that it changes.'),
      field('leaderEpoch', int32),
      field('startOffset', int64, '-1: unchanged.'),
      field(
        'deliveryCompleteCount',
        int32,
        { default: -1, tag: 0 },
        'How many offsets from the start offset on are done with. -1 when unknown.',
      ),
      list('stateBatches', 'StateBatch', 'Changed ranges only; each replaces what was known of its offsets.', [
        field('firstOffset', int64),
        field('lastOffset', int64, 'Inclusive.'),
        field('deliveryState', int8, '0 available, 2 acknowledged, 4 archived.'),
        field('deliveryCount', int16),
      ]),
    ],
  }),
]

export default shareState

import { field, int8, int16, int32, int64, list, type RecordType, record, string, uuid } from '../../generate/schema.js'

const shareState: readonly RecordType[] = [
  record({
    name: 'ShareSnapshotKey',
    text: '',
    kind: 'coordinator-key',
    id: 0,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('topicId', uuid), field('partition', int32)],
  }),
  record({
    name: 'ShareSnapshotValue',
    text: '',
    kind: 'coordinator-value',
    id: 0,
    versions: '0',
    flexible: '0+',
    fields: [
      field('snapshotEpoch', int32),
      field('stateEpoch', int32),
      field('leaderEpoch', int32),
      field('startOffset', int64),
      field('deliveryCompleteCount', int32, { default: -1, tag: 0 }),
      field('createTimestamp', int64),
      field('writeTimestamp', int64),
      list('stateBatches', 'StateBatch', [
        field('firstOffset', int64),
        field('lastOffset', int64),
        field('deliveryState', int8),
        field('deliveryCount', int16),
      ]),
    ],
  }),
  record({
    name: 'ShareUpdateKey',
    text: '',
    kind: 'coordinator-key',
    id: 1,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('topicId', uuid), field('partition', int32)],
  }),
  record({
    name: 'ShareUpdateValue',
    text: '',
    kind: 'coordinator-value',
    id: 1,
    versions: '0',
    flexible: '0+',
    fields: [
      field('snapshotEpoch', int32),
      field('leaderEpoch', int32),
      field('startOffset', int64),
      field('deliveryCompleteCount', int32, { default: -1, tag: 0 }),
      list('stateBatches', 'StateBatch', [
        field('firstOffset', int64),
        field('lastOffset', int64),
        field('deliveryState', int8),
        field('deliveryCount', int16),
      ]),
    ],
  }),
]

export default shareState

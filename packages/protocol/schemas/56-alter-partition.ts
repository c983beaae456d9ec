import { api, array, field, int8, int16, int32, int64, list, uuid } from '../generate/schema.js'

export default api({
  key: 56,
  name: 'AlterPartition',
  text: '',
  versions: '2-3',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('brokerEpoch', int64, { default: -1n }),
    list('topics', 'Topic', [
      field('topicId', uuid, { ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('leaderEpoch', int32),
        field('newIsr', array(int32), { in: '0-2' }),
        list('newIsrWithEpochs', 'NewIsrWithEpoch', { in: '3+' }, [
          field('brokerId', int32),
          field('brokerEpoch', int64, { default: -1n }),
        ]),
        field('leaderRecoveryState', int8),
        field('partitionEpoch', int32),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    list('topics', 'Topic', [
      field('topicId', uuid, { ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('leaderId', int32),
        field('leaderEpoch', int32),
        field('isr', array(int32)),
        field('leaderRecoveryState', int8, { ignorable: true }),
        field('partitionEpoch', int32),
      ]),
    ]),
  ],
})

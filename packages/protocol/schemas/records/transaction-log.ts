import {
  array,
  field,
  int8,
  int16,
  int32,
  int64,
  list,
  type RecordType,
  record,
  string,
} from '../../generate/schema.js'

const transactionLog: readonly RecordType[] = [
  record({
    name: 'TransactionLogKey',
    text: '',
    kind: 'coordinator-key',
    id: 0,
    versions: '0',
    flexible: 'none',
    fields: [field('transactionalId', string)],
  }),
  record({
    name: 'TransactionLogValue',
    text: '',
    kind: 'coordinator-value',
    id: 0,
    versions: '0-1',
    flexible: '1+',
    fields: [
      field('producerId', int64),
      field('previousProducerId', int64, { default: -1n, tag: 0, tagged: '1+' }),
      field('nextProducerId', int64, { default: -1n, tag: 1, tagged: '1+' }),
      field('producerEpoch', int16),
      field('nextProducerEpoch', int16, { default: -1, tag: 3, tagged: '1+' }),
      field('transactionTimeoutMs', int32),
      field('transactionStatus', int8),
      list('transactionPartitions', 'TransactionPartition', { nullable: '0+' }, [
        field('topic', string),
        field('partitionIds', array(int32)),
      ]),
      field('transactionLastUpdateTimestampMs', int64),
      field('transactionStartTimestampMs', int64),
      field('clientTransactionVersion', int16, { tag: 2, tagged: '1+' }),
    ],
  }),
]

export default transactionLog

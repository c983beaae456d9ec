/** Records of `__transaction_state`: every transactional id and where its transaction stands. */
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
    text: 'Names a transactional id. With a null value it is forgotten: unused for transactional.id.expiration.ms.',
    kind: 'coordinator-key',
    id: 0,
    versions: '0',
    flexible: 'none',
    fields: [field('transactionalId', string)],
  }),
  record({
    name: 'TransactionLogValue',
    text: 'A transactional id after a step of its transaction. PrepareCommit and PrepareAbort are decisive: once one of them is in the log the outcome stands, and the next coordinator writes the markers that are missing.',
    notes: {
      1: 'Written from transaction.version 1 on. From here on only tagged fields are added, which older brokers pass over (KIP-915).',
    },
    kind: 'coordinator-value',
    id: 0,
    versions: '0-1',
    flexible: '1+',
    fields: [
      field(
        'producerId',
        int64,
        'Handed out by InitProducerId; the same for all transactions until its epochs run out.',
      ),
      field(
        'previousProducerId',
        int64,
        { default: -1n, tag: 0, tagged: '1+' },
        'The one before this step. It differs from `producerId` only when a new one was just taken: a repeated EndTxn under the old one is then recognised.',
      ),
      field(
        'nextProducerId',
        int64,
        { default: -1n, tag: 1, tagged: '1+' },
        'With a transaction that is being ended and has used up the epochs: what the producer gets next. -1 otherwise.',
      ),
      field(
        'producerEpoch',
        int16,
        'Rises with InitProducerId, with a transaction that times out and, from transaction.version 2 on, with the end of every transaction. A producer with a lower one is fenced.',
      ),
      field(
        'nextProducerEpoch',
        int16,
        { default: -1, tag: 3, tagged: '1+' },
        'Meant for two-phase commit: Kafka 4.3 leaves it at -1.',
      ),
      field(
        'transactionTimeoutMs',
        int32,
        'An open transaction that is older is aborted. 2147483647 stands for two-phase commit: never.',
      ),
      field(
        'transactionStatus',
        int8,
        '0 Empty, 1 Ongoing, 2 PrepareCommit, 3 PrepareAbort, 4 CompleteCommit, 5 CompleteAbort, 6 Dead, 7 PrepareEpochFence.',
      ),
      list(
        'transactionPartitions',
        'TransactionPartition',
        { nullable: '0+' },
        'The partitions to get a marker, those of `__consumer_offsets` included. Null in Empty; none are left in the Complete states.',
        [field('topic', string), field('partitionIds', array(int32))],
      ),
      field('transactionLastUpdateTimestampMs', int64),
      field('transactionStartTimestampMs', int64, '-1 before the first transaction after InitProducerId.'),
      field(
        'clientTransactionVersion',
        int16,
        { tag: 2, tagged: '1+' },
        'How the client runs the transaction. 2: Produce itself adds partitions, and the epoch rises at every end (KIP-890).',
      ),
    ],
  }),
]

export default transactionLog

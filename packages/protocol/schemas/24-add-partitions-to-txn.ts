/** AddPartitionsToTxn: the coordinator learns which partitions a transaction writes to. */
import { api, array, bool, field, int16, int32, int64, list, string, struct } from '../generate/schema.js'

const addPartitionsToTxnTopic = struct('AddPartitionsToTxnTopic', [
  field('name', string),
  field('partitions', array(int32)),
])

const addPartitionsToTxnPartitionResult = struct('AddPartitionsToTxnPartitionResult', [
  field('partitionIndex', int32),
  field(
    'partitionErrorCode',
    int16,
    'CONCURRENT_TRANSACTIONS: the last transaction is still being ended, retry after some 20 ms. OPERATION_NOT_ATTEMPTED: nothing wrong here, but with another partition, and none was added. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION. Abort: TRANSACTION_ABORTABLE, TOPIC_AUTHORIZATION_FAILED. Close the producer: PRODUCER_FENCED, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.',
  ),
])

const addPartitionsToTxnTopicResult = struct('AddPartitionsToTxnTopicResult', [
  field('name', string),
  field('resultsByPartition', array(addPartitionsToTxnPartitionResult)),
])

export default api({
  key: 24,
  name: 'AddPartitionsToTxn',
  text: 'Announces partitions to the transaction coordinator before the first record goes there, so that it knows where to put the markers. Producers send it up to 3, and not at all under transaction.version 2; brokers send 4 and above.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    2: 'A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).',
    4: 'For brokers only: many transactions in one request, and asking without adding (KIP-890).',
    5: 'TRANSACTION_ABORTABLE for a partition that verifyOnly does not find (KIP-890).',
  },
  versions: '0-5',
  flexible: '3+',
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [
    list('transactions', 'Transaction', { in: '4+' }, [
      field('transactionalId', string),
      field('producerId', int64),
      field('producerEpoch', int16),
      field('verifyOnly', bool, 'True: add nothing, only say whether each partition is in the transaction.'),
      field('topics', array(addPartitionsToTxnTopic)),
    ]),
    field('v3AndBelowTransactionalId', string, { in: '0-3' }),
    field('v3AndBelowProducerId', int64, { in: '0-3' }),
    field('v3AndBelowProducerEpoch', int16, { in: '0-3' }),
    field('v3AndBelowTopics', array(addPartitionsToTxnTopic), { in: '0-3' }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      { in: '4+', ignorable: true },
      'Of the whole request: CLUSTER_AUTHORIZATION_FAILED when the sender is no broker.',
    ),
    list('resultsByTransaction', 'ResultsByTransaction', { in: '4+' }, [
      field('transactionalId', string),
      field('topicResults', array(addPartitionsToTxnTopicResult)),
    ]),
    field('resultsByTopicV3AndBelow', array(addPartitionsToTxnTopicResult), { in: '0-3' }),
  ],
})

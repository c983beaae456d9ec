import { api, array, bool, field, int16, int32, int64, list, string, struct } from '../generate/schema.js'

const addPartitionsToTxnTopic = struct('AddPartitionsToTxnTopic', [
  field('name', string),
  field('partitions', array(int32)),
])

const addPartitionsToTxnPartitionResult = struct('AddPartitionsToTxnPartitionResult', [
  field('partitionIndex', int32),
  field('partitionErrorCode', int16),
])

const addPartitionsToTxnTopicResult = struct('AddPartitionsToTxnTopicResult', [
  field('name', string),
  field('resultsByPartition', array(addPartitionsToTxnPartitionResult)),
])

export default api({
  key: 24,
  name: 'AddPartitionsToTxn',
  text: '',
  versions: '0-5',
  flexible: '3+',
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [
    list('transactions', 'Transaction', { in: '4+' }, [
      field('transactionalId', string),
      field('producerId', int64),
      field('producerEpoch', int16),
      field('verifyOnly', bool),
      field('topics', array(addPartitionsToTxnTopic)),
    ]),
    field('v3AndBelowTransactionalId', string, { in: '0-3' }),
    field('v3AndBelowProducerId', int64, { in: '0-3' }),
    field('v3AndBelowProducerEpoch', int16, { in: '0-3' }),
    field('v3AndBelowTopics', array(addPartitionsToTxnTopic), { in: '0-3' }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, { in: '4+', ignorable: true }),
    list('resultsByTransaction', 'ResultsByTransaction', { in: '4+' }, [
      field('transactionalId', string),
      field('topicResults', array(addPartitionsToTxnTopicResult)),
    ]),
    field('resultsByTopicV3AndBelow', array(addPartitionsToTxnTopicResult), { in: '0-3' }),
  ],
})

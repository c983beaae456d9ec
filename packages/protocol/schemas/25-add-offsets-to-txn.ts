/** AddOffsetsToTxn: a transaction is going to commit offsets of a group. */
import { api, field, int16, int32, int64, string } from '../generate/schema.js'

export default api({
  key: 25,
  name: 'AddOffsetsToTxn',
  text: "Announces to the transaction coordinator that offsets of a group are part of the transaction, before TxnOffsetCommit goes to the group's coordinator. Not needed under transaction.version 2.",
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    2: 'A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).',
    4: 'TRANSACTION_ABORTABLE may be answered (KIP-890).',
  },
  versions: '0-4',
  flexible: '3+',
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [
    field('transactionalId', string),
    field('producerId', int64),
    field('producerEpoch', int16),
    field('groupId', string),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'Retry: CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Abort: TRANSACTION_ABORTABLE, GROUP_AUTHORIZATION_FAILED. Close the producer: PRODUCER_FENCED, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.',
    ),
  ],
})

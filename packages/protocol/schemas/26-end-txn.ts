/** EndTxn: commit or abort. */
import { api, bool, field, int16, int32, int64, string } from '../generate/schema.js'

export default api({
  key: 26,
  name: 'EndTxn',
  text: "Ends the transaction of a producer. The answer comes once the decision is safe in the coordinator's log; markers reach the partitions after that, so the next transaction may meet CONCURRENT_TRANSACTIONS for a while.",
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    2: 'A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).',
    4: 'TRANSACTION_ABORTABLE may be answered (KIP-890).',
    5: 'Every end raises the epoch, so that nothing late can slip into the next transaction; an abort may come without anything written (KIP-890). Only under transaction.version 2: others stay at 4.',
  },
  versions: '0-5',
  flexible: '3+',
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [
    field('transactionalId', string),
    field('producerId', int64),
    field('producerEpoch', int16),
    field('committed', bool),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'Retry: CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Abort: TRANSACTION_ABORTABLE. Close the producer: PRODUCER_FENCED, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.',
    ),
    field(
      'producerId',
      int64,
      { in: '5+', default: -1n, ignorable: true },
      'To be used from now on; a new one when the epochs of the old id are used up. -1 on error.',
    ),
    field(
      'producerEpoch',
      int16,
      { in: '5+', default: -1, ignorable: true },
      'To be used from now on, with sequence numbers from 0. -1 on error.',
    ),
  ],
})

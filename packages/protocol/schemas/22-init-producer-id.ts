/** InitProducerId: a producer gets the identity behind idempotence and transactions. */
import { api, bool, field, int16, int32, int64, string } from '../generate/schema.js'

export default api({
  key: 22,
  name: 'InitProducerId',
  text: 'Hands out a producer id and epoch. For a transactional id it also raises the epoch, which fences every older instance, and ends the transaction such an instance left open.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'A producer can bring its id and epoch, to have the epoch raised after an error and go on (KIP-360).',
    4: 'A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).',
    5: 'TRANSACTION_ABORTABLE may be answered (KIP-890).',
    6: 'Two-phase commit with an outside coordinator (KIP-939). Not final.',
  },
  versions: '0-6',
  flexible: '2+',
  latestVersionUnstable: true,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [
    field(
      'transactionalId',
      string,
      { nullable: '0+' },
      'Null for idempotence alone: any broker answers, with an id never used before. Empty is INVALID_REQUEST.',
    ),
    field(
      'transactionTimeoutMs',
      int32,
      "A transaction open for longer is aborted and its producer fenced. Above the broker's transaction.max.timeout.ms (15 min): INVALID_TRANSACTION_TIMEOUT. Without a transactional id it means nothing.",
    ),
    field(
      'producerId',
      int64,
      { in: '3+', default: -1n },
      '-1, except from a producer that wants its own epoch raised.',
    ),
    field(
      'producerEpoch',
      int16,
      { in: '3+', default: -1 },
      '-1, except from a producer that wants its own epoch raised. If the coordinator knows a newer one: PRODUCER_FENCED.',
    ),
    field('enable2Pc', bool, { in: '6+' }, 'True: no timeout ends the transaction, an outside coordinator decides.'),
    field(
      'keepPreparedTxn',
      bool,
      { in: '6+' },
      'True: an open transaction is not aborted but described in the answer.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    field(
      'errorCode',
      int16,
      'CONCURRENT_TRANSACTIONS: an older transaction is being ended, retry. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS. Close the producer: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH. Final: INVALID_TRANSACTION_TIMEOUT, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED.',
    ),
    field('producerId', int64, { default: -1n }, '-1 on error. Changes when the epochs of the old id are used up.'),
    field('producerEpoch', int16, 'Under a new epoch the sequence numbers of every partition begin at 0.'),
    field(
      'ongoingTxnProducerId',
      int64,
      { in: '6+', default: -1n },
      '-1 when keepPreparedTxn found no open transaction.',
    ),
    field(
      'ongoingTxnProducerEpoch',
      int16,
      { in: '6+', default: -1 },
      '-1 when keepPreparedTxn found no open transaction.',
    ),
  ],
})

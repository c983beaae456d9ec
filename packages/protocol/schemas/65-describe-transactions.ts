/** DescribeTransactions: the state of transactional ids, from their coordinators. */
import { api, array, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 65,
  name: 'DescribeTransactions',
  text: 'Shows the state of transactional ids as their coordinator has it (KIP-664). Every id goes to its own coordinator.',
  versions: '0',
  flexible: '0+',
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [field('transactionalIds', array(string))],
  response: [
    field('throttleTimeMs', int32),
    list('transactionStates', 'TransactionState', [
      field(
        'errorCode',
        int16,
        'TRANSACTIONAL_ID_NOT_FOUND: never used or expired. TRANSACTIONAL_ID_AUTHORIZATION_FAILED without DESCRIBE on it. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again. COORDINATOR_LOAD_IN_PROGRESS: retry.',
      ),
      field('transactionalId', string),
      field(
        'transactionState',
        string,
        '`Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort` or `PrepareEpochFence`.',
      ),
      field('transactionTimeoutMs', int32, 'The coordinator aborts a transaction that is open for longer.'),
      field(
        'transactionStartTimeMs',
        int64,
        '-1 when no transaction began since InitProducerId. After one has ended, its start is still shown.',
      ),
      field('producerId', int64),
      field('producerEpoch', int16),
      list(
        'topics',
        'Topic',
        'Partitions in the transaction, without those of topics that the caller may not describe. While it is being ended: only those whose marker is not written yet.',
        [field('topic', string), field('partitions', array(int32))],
      ),
    ]),
  ],
})

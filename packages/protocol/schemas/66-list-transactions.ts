/** ListTransactions: the transactional ids that one broker coordinates. */
import { api, array, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 66,
  name: 'ListTransactions',
  text: 'Lists the transactional ids that one broker coordinates; a list of the whole cluster takes every broker. Filters that are set must all match. Ids that the caller may not describe are left out.',
  notes: {
    1: 'Filter by age (KIP-994).',
    2: 'Filter by pattern (KIP-1152).',
  },
  versions: '0-2',
  flexible: '0+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [
    field('stateFilters', array(string), 'Names as in DescribeTransactions. Empty: all.'),
    field('producerIdFilters', array(int64), 'Empty: all.'),
    field(
      'durationFilter',
      int64,
      { in: '1+', default: -1n },
      'Only transactions that began more than this many milliseconds ago. Negative: all.',
    ),
    field(
      'transactionalIdPattern',
      string,
      { in: '2+', nullable: '0+', default: null },
      'A regular expression in RE2 syntax that must match the whole id. Null or empty: all.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE: retry, for a partial list is never given. INVALID_REGULAR_EXPRESSION in versions 2 and up.',
    ),
    field(
      'unknownStateFilters',
      array(string),
      'States asked for that the broker has never heard of; they match nothing.',
    ),
    list('transactionStates', 'TransactionState', [
      field('transactionalId', string),
      field('producerId', int64),
      field('transactionState', string),
    ]),
  ],
})

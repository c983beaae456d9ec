import { api, array, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 66,
  name: 'ListTransactions',
  text: '',
  versions: '0-2',
  flexible: '0+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [
    field('stateFilters', array(string)),
    field('producerIdFilters', array(int64)),
    field('durationFilter', int64, { in: '1+', default: -1n }),
    field('transactionalIdPattern', string, { in: '2+', nullable: '0+', default: null }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('unknownStateFilters', array(string)),
    list('transactionStates', 'TransactionState', [
      field('transactionalId', string),
      field('producerId', int64),
      field('transactionState', string),
    ]),
  ],
})

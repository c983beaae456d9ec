import { api, bool, field, int16, int32, int64, string } from '../generate/schema.js'

export default api({
  key: 26,
  name: 'EndTxn',
  text: '',
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
    field('errorCode', int16),
    field('producerId', int64, { in: '5+', default: -1n, ignorable: true }),
    field('producerEpoch', int16, { in: '5+', default: -1, ignorable: true }),
  ],
})

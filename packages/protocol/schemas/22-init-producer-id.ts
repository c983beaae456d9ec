import { api, bool, field, int16, int32, int64, string } from '../generate/schema.js'

export default api({
  key: 22,
  name: 'InitProducerId',
  text: '',
  versions: '0-6',
  flexible: '2+',
  latestVersionUnstable: true,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: [
    field('transactionalId', string, { nullable: '0+' }),
    field('transactionTimeoutMs', int32),
    field('producerId', int64, { in: '3+', default: -1n }),
    field('producerEpoch', int16, { in: '3+', default: -1 }),
    field('enable2Pc', bool, { in: '6+' }),
    field('keepPreparedTxn', bool, { in: '6+' }),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    field('errorCode', int16),
    field('producerId', int64, { default: -1n }),
    field('producerEpoch', int16),
    field('ongoingTxnProducerId', int64, { in: '6+', default: -1n }),
    field('ongoingTxnProducerEpoch', int16, { in: '6+', default: -1 }),
  ],
})

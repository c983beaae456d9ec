import { api, field, int16, int32, int64, string } from '../generate/schema.js'

export default api({
  key: 25,
  name: 'AddOffsetsToTxn',
  text: '',
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
  response: [field('throttleTimeMs', int32), field('errorCode', int16)],
})

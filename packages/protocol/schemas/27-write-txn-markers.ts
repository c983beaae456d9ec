import { api, array, bool, field, int8, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 27,
  name: 'WriteTxnMarkers',
  text: '',
  versions: '1-2',
  flexible: '1+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    list('markers', 'Marker', [
      field('producerId', int64),
      field('producerEpoch', int16),
      field('transactionResult', bool),
      list('topics', 'Topic', [field('name', string), field('partitionIndexes', array(int32))]),
      field('coordinatorEpoch', int32),
      field('transactionVersion', int8, { in: '2+', ignorable: true }),
    ]),
  ],
  response: [
    list('markers', 'Marker', [
      field('producerId', int64),
      list('topics', 'Topic', [
        field('name', string),
        list('partitions', 'Partition', [field('partitionIndex', int32), field('errorCode', int16)]),
      ]),
    ]),
  ],
})

import { api, array, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 61,
  name: 'DescribeProducers',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [list('topics', 'Topic', [field('name', string), field('partitionIndexes', array(int32))])],
  response: [
    field('throttleTimeMs', int32),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+', default: null }),
        list('activeProducers', 'ActiveProducer', [
          field('producerId', int64),
          field('producerEpoch', int32),
          field('lastSequence', int32, { default: -1 }),
          field('lastTimestamp', int64, { default: -1n }),
          field('coordinatorEpoch', int32),
          field('currentTxnStartOffset', int64, { default: -1n }),
        ]),
      ]),
    ]),
  ],
})

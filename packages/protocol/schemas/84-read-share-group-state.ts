import { api, field, int8, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 84,
  name: 'ReadShareGroupState',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'share',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [
      field('topicId', uuid),
      list('partitions', 'Partition', [field('partition', int32), field('leaderEpoch', int32)]),
    ]),
  ],
  response: [
    list('results', 'Result', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partition', int32),
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+', default: null }),
        field('stateEpoch', int32),
        field('startOffset', int64),
        list('stateBatches', 'StateBatch', [
          field('firstOffset', int64),
          field('lastOffset', int64),
          field('deliveryState', int8),
          field('deliveryCount', int16),
        ]),
      ]),
    ]),
  ],
})

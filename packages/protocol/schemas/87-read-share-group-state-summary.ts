import { api, field, int16, int32, int64, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 87,
  name: 'ReadShareGroupStateSummary',
  text: '',
  versions: '0-1',
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
        field('leaderEpoch', int32),
        field('startOffset', int64),
        field('deliveryCompleteCount', int32, { in: '1+', default: -1, ignorable: true }),
      ]),
    ]),
  ],
})

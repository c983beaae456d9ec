import { api, field, int16, int32, int64, list, uuid } from '../generate/schema.js'

export default api({
  key: 73,
  name: 'AssignReplicasToDirs',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field('brokerEpoch', int64, { default: -1n }),
    list('directories', 'Directory', [
      field('id', uuid),
      list('topics', 'Topic', [
        field('topicId', uuid),
        list('partitions', 'Partition', [field('partitionIndex', int32)]),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    list('directories', 'Directory', [
      field('id', uuid),
      list('topics', 'Topic', [
        field('topicId', uuid),
        list('partitions', 'Partition', [field('partitionIndex', int32), field('errorCode', int16)]),
      ]),
    ]),
  ],
})

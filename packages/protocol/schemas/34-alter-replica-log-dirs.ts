import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  text: '',
  versions: '1-2',
  flexible: '2+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [
    list('dirs', 'Dir', [
      field('path', string),
      list('topics', 'Topic', [field('name', string), field('partitions', array(int32))]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('topicName', string),
      list('partitions', 'Partition', [field('partitionIndex', int32), field('errorCode', int16)]),
    ]),
  ],
})

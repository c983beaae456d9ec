import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 46,
  name: 'ListPartitionReassignments',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('timeoutMs', int32, { default: 60000 }),
    list('topics', 'Topic', { nullable: '0+', default: null }, [
      field('name', string),
      field('partitionIndexes', array(int32)),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('replicas', array(int32)),
        field('addingReplicas', array(int32)),
        field('removingReplicas', array(int32)),
      ]),
    ]),
  ],
})

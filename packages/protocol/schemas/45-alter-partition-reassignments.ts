import { api, array, bool, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 45,
  name: 'AlterPartitionReassignments',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('timeoutMs', int32, { default: 60000 }),
    field('allowReplicationFactorChange', bool, { in: '1+', default: true }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('replicas', array(int32), { nullable: '0+', default: null }),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('allowReplicationFactorChange', bool, { in: '1+', default: true, ignorable: true }),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    list('responses', 'Response', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+' }),
      ]),
    ]),
  ],
})

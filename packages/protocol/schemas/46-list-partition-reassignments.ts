/** ListPartitionReassignments: the moves that are not done yet. */
import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 46,
  name: 'ListPartitionReassignments',
  text: 'Lists partitions whose replicas are being moved (KIP-455). One that is missing from the answer has arrived or never moved.',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('timeoutMs', int32, { default: 60000 }),
    list('topics', 'Topic', { nullable: '0+', default: null }, 'Null for all of them.', [
      field('name', string),
      field('partitionIndexes', array(int32)),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'CLUSTER_AUTHORIZATION_FAILED, NOT_CONTROLLER.'),
    field('errorMessage', string, { nullable: '0+' }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('replicas', array(int32), 'Old and new ones together, for as long as the move lasts.'),
        field('addingReplicas', array(int32)),
        field('removingReplicas', array(int32)),
      ]),
    ]),
  ],
})

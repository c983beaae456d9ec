/** CreatePartitions: a topic gets more partitions. */
import { api, array, bool, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 37,
  name: 'CreatePartitions',
  text: 'Raises the number of partitions of topics. Records stay where they are, so a key may map to another partition afterwards. Any broker passes it on to the controller.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'THROTTLING_QUOTA_EXCEEDED over the quota of changes (KIP-599).',
  },
  versions: '0-3',
  flexible: '2+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', [
      field('name', string),
      field('count', int32, 'How many there shall be in all. Not more than now: INVALID_PARTITIONS.'),
      list(
        'assignments',
        'Assignment',
        { nullable: '0+' },
        'Null to let the controller place them. Otherwise one for each new partition, in order.',
        [field('brokerIds', array(int32), 'The first is the preferred leader.')],
      ),
    ]),
    field('timeoutMs', int32),
    field('validateOnly', bool, 'True checks and changes nothing.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('name', string),
      field(
        'errorCode',
        int16,
        'INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, UNKNOWN_TOPIC_OR_PARTITION, REASSIGNMENT_IN_PROGRESS, TOPIC_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED after throttleTimeMs.',
      ),
      field('errorMessage', string, { nullable: '0+', default: null }),
    ]),
  ],
})

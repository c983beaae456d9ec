/** DeleteTopics: topics and all their records go. */
import { api, array, field, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 20,
  name: 'DeleteTopics',
  text: 'Deletes topics by name or id. Any broker passes it on to the controller; brokers remove the files afterwards, in the background.',
  notes: {
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Where deletion is switched off: TOPIC_DELETION_DISABLED, before that INVALID_REQUEST.',
    5: 'A message with the code, and THROTTLING_QUOTA_EXCEEDED over the quota of changes (KIP-599).',
    6: 'Deletion by id hits one incarnation of a topic, not what has taken its name since (KIP-516).',
  },
  versions: '1-6',
  flexible: '4+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', { in: '6+' }, 'One of name and topicId each; both at once are INVALID_REQUEST.', [
      field('name', string, { nullable: '0+', default: null }, 'Null to delete by id.'),
      field('topicId', uuid, 'Zero to delete by name.'),
    ]),
    field('topicNames', array(string), { in: '0-5', ignorable: true }),
    field('timeoutMs', int32, 'Past it REQUEST_TIMED_OUT, and the topic may be gone all the same.'),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('responses', 'Response', [
      field(
        'name',
        string,
        { nullable: '6+' },
        'Null for an id that is unknown, or whose name the caller may not see.',
      ),
      field('topicId', uuid, { in: '6+', ignorable: true }),
      field(
        'errorCode',
        int16,
        'UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED, TOPIC_DELETION_DISABLED. Retry: NOT_CONTROLLER after a metadata refresh, THROTTLING_QUOTA_EXCEEDED after throttleTimeMs.',
      ),
      field('errorMessage', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    ]),
  ],
})

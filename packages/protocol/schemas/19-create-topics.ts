/** CreateTopics: new topics with their partitions and settings. */
import { api, array, bool, field, int8, int16, int32, list, string, uuid } from '../generate/schema.js'

export default api({
  key: 19,
  name: 'CreateTopics',
  text: "Creates topics, or with validateOnly checks that it could. Any broker passes it on to the controller; a new topic may take a moment to appear in every broker's Metadata.",
  notes: {
    3: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    4: "The broker's defaults can be asked for with -1 (KIP-464).",
    5: 'The answer describes the topic as created, with its settings (KIP-525).',
    6: 'Over the quota of changes a topic is refused with THROTTLING_QUOTA_EXCEEDED. Before that it is created and only the connection slowed down (KIP-599).',
    7: "The answer has the topic's id (KIP-516).",
  },
  versions: '2-7',
  flexible: '5+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('topics', 'Topic', 'A name given twice is INVALID_REQUEST.', [
      field('name', string),
      field('numPartitions', int32, '-1 for num.partitions of the broker, or when assignments tell.'),
      field('replicationFactor', int16, '-1 for default.replication.factor of the broker, or when assignments tell.'),
      list(
        'assignments',
        'Assignment',
        'Empty to let the controller place the replicas. Otherwise every partition from 0 on, and -1 in both numbers above.',
        [field('partitionIndex', int32), field('brokerIds', array(int32), 'The first is the preferred leader.')],
      ),
      list('configs', 'Config', [
        field('name', string),
        field('value', string, { nullable: '0+' }, "As text, whatever the setting's type."),
      ]),
    ]),
    field(
      'timeoutMs',
      int32,
      { default: 60000 },
      'Past it REQUEST_TIMED_OUT, and the topic may come into being all the same.',
    ),
    field('validateOnly', bool, 'True goes through all checks and creates nothing.'),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('name', string),
      field('topicId', uuid, { in: '7+', ignorable: true }, 'Zero on error.'),
      field(
        'errorCode',
        int16,
        'TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION (name), INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR (not enough brokers), INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER after a metadata refresh, THROTTLING_QUOTA_EXCEEDED after throttleTimeMs.',
      ),
      field('errorMessage', string, { nullable: '0+', ignorable: true }),
      field(
        'topicConfigErrorCode',
        int16,
        { in: '5+', ignorable: true, tag: 0 },
        'TOPIC_AUTHORIZATION_FAILED when the caller may create the topic but not see its settings: configs is null then and both numbers are -1.',
      ),
      field('numPartitions', int32, { in: '5+', default: -1, ignorable: true }, '-1 on error.'),
      field('replicationFactor', int16, { in: '5+', default: -1, ignorable: true }, '-1 on error.'),
      list('configs', 'Config', { in: '5+', nullable: '0+', ignorable: true }, 'Null on error.', [
        field('name', string),
        field('value', string, { nullable: '0+' }, 'Null for a secret.'),
        field('readOnly', bool),
        field(
          'configSource',
          int8,
          { default: -1, ignorable: true },
          "1 topic, 2 broker, 3 all brokers, 4 broker's file, 5 built-in default.",
        ),
        field('isSensitive', bool),
      ]),
    ]),
  ],
})

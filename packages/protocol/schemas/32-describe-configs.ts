/** DescribeConfigs: the settings in force, and where they come from. */
import { api, array, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 32,
  name: 'DescribeConfigs',
  text: 'Reads the settings of topics, brokers, broker loggers, groups and client metrics. Any broker answers, except that brokers and loggers must be asked themselves.',
  notes: {
    1: 'Where a value comes from, and the values it stands before (KIP-226).',
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Type and description of settings (KIP-569).',
  },
  versions: '1-4',
  flexible: '4+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('resources', 'Resource', [
      field('resourceType', int8, '2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.'),
      field('resourceName', string, 'For brokers the id in digits, or empty for what is set for all of them.'),
      field('configurationKeys', array(string), { nullable: '0+' }, 'Null for all settings.'),
    ]),
    field('includeSynonyms', bool),
    field('includeDocumentation', bool, { in: '3+' }),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field(
        'errorCode',
        int16,
        "UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, INVALID_REQUEST (another broker's id), TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.",
      ),
      field('errorMessage', string, { nullable: '0+' }),
      field('resourceType', int8),
      field('resourceName', string),
      list('configs', 'Config', [
        field('name', string),
        field('value', string, { nullable: '0+' }, 'Null for a secret, or when nothing is set.'),
        field('readOnly', bool, 'True: cannot be changed while the broker runs.'),
        field(
          'configSource',
          int8,
          { default: -1, ignorable: true },
          "1 topic, 2 broker, 3 all brokers, 4 broker's file, 5 built-in default, 6 broker logger, 7 client metrics, 8 group.",
        ),
        field('isSensitive', bool, 'True: a secret, such as a password, whose value is never sent.'),
        list(
          'synonyms',
          'Synonym',
          { ignorable: true },
          'Every place that sets it, the one in force first; empty unless asked for.',
          [
            field('name', string, 'May differ: log.retention.ms of a broker is behind retention.ms of a topic.'),
            field('value', string, { nullable: '0+' }),
            field('source', int8, 'Numbers as in configSource.'),
          ],
        ),
        field(
          'configType',
          int8,
          { in: '3+', ignorable: true },
          '0 unknown, 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password.',
        ),
        field('documentation', string, { in: '3+', nullable: '0+', ignorable: true }, 'Null unless asked for.'),
      ]),
    ]),
  ],
})

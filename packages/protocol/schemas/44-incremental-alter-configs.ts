/** IncrementalAlterConfigs: single settings change, all others stay. */
import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  text: 'Changes the listed settings of topics, brokers, groups and the like, and only these (KIP-339). Any broker takes it; settings of one broker and loggers go to that broker.',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('resources', 'Resource', 'The same resource twice is INVALID_REQUEST.', [
      field('resourceType', int8, 'Numbers as in DescribeConfigs.'),
      field('resourceName', string, 'For brokers the id in digits, or empty for all of them.'),
      list('configs', 'Config', [
        field('name', string),
        field('configOperation', int8, '0 set, 1 back to the default, 2 append to a list, 3 take out of a list.'),
        field(
          'value',
          string,
          { nullable: '0+' },
          "As text, whatever the setting's type; ignored for operation 1, comma-separated for 2 and 3.",
        ),
      ]),
    ]),
    field('validateOnly', bool, 'True checks and changes nothing.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('responses', 'Response', [
      field(
        'errorCode',
        int16,
        'INVALID_CONFIG (also append on what is no list), INVALID_REQUEST, POLICY_VIOLATION, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER.',
      ),
      field('errorMessage', string, { nullable: '0+' }),
      field('resourceType', int8),
      field('resourceName', string),
    ]),
  ],
})

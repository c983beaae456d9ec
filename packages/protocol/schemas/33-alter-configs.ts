/** AlterConfigs: all settings of a resource are replaced. */
import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 33,
  name: 'AlterConfigs',
  text: 'Sets what is listed and takes everything that is not back to its default, so two writers undo each other: IncrementalAlterConfigs has replaced it. Any broker takes it, for brokers the one meant.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
  },
  versions: '0-2',
  flexible: '2+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('resources', 'Resource', [
      field('resourceType', int8, 'Numbers as in DescribeConfigs.'),
      field('resourceName', string, 'For brokers the id in digits, or empty for all of them.'),
      list('configs', 'Config', [
        field('name', string),
        field('value', string, { nullable: '0+' }, "As text, whatever the setting's type."),
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
        'INVALID_CONFIG, INVALID_REQUEST, POLICY_VIOLATION, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER.',
      ),
      field('errorMessage', string, { nullable: '0+' }),
      field('resourceType', int8),
      field('resourceName', string),
    ]),
  ],
})

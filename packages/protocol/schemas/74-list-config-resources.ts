/** ListConfigResources: names of everything that can be configured. */
import { api, array, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 74,
  name: 'ListConfigResources',
  text: 'Lists the names of resources that have configurations, to be read with DescribeConfigs.',
  notes: {
    0: 'Client metrics subscriptions only (KIP-714), under the name ListClientMetricsResources.',
    1: 'All types of resources (KIP-1142).',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    field(
      'resourceTypes',
      array(int8),
      { in: '1+' },
      '2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group. Empty asks for all of these.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'UNSUPPORTED_VERSION: a type beyond these. CLUSTER_AUTHORIZATION_FAILED without DESCRIBE_CONFIGS on the cluster.',
    ),
    list('configResources', 'ConfigResource', [
      field('resourceName', string, 'Of a broker and its loggers, the broker id as text.'),
      field('resourceType', int8, { in: '1+', default: 16, ignorable: true }),
    ]),
  ],
})

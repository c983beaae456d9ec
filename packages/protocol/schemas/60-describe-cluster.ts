import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 60,
  name: 'DescribeCluster',
  text: '',
  versions: '0-2',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('includeClusterAuthorizedOperations', bool),
    field('endpointType', int8, { in: '1+', default: 1 }),
    field('includeFencedBrokers', bool, { in: '2+' }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('endpointType', int8, { in: '1+', default: 1 }),
    field('clusterId', string),
    field('controllerId', int32, { default: -1 }),
    list('brokers', 'Broker', [
      field('brokerId', int32),
      field('host', string),
      field('port', int32),
      field('rack', string, { nullable: '0+', default: null }),
      field('isFenced', bool, { in: '2+' }),
    ]),
    field('clusterAuthorizedOperations', int32, { default: -2147483648 }),
  ],
})

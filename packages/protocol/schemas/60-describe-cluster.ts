/** DescribeCluster: id, brokers and controller of the cluster. */
import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 60,
  name: 'DescribeCluster',
  text: "Asks any broker for the cluster's id and brokers, or a controller for the controllers. Metadata without topics answers nearly the same; this is the one for admin tools.",
  notes: {
    1: 'Says which kind of node is wanted, so that an admin client can start from controllers (KIP-919).',
    2: 'Fenced brokers on request (KIP-1073).',
  },
  versions: '0-2',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('includeClusterAuthorizedOperations', bool),
    field(
      'endpointType',
      int8,
      { in: '1+', default: 1 },
      "1: brokers. 2: controllers, which only a controller's listener answers.",
    ),
    field('includeFencedBrokers', bool, { in: '2+' }, 'Fenced brokers are registered but serve no clients.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'MISMATCHED_ENDPOINT_TYPE: the other kind of node must be asked. UNSUPPORTED_ENDPOINT_TYPE: neither 1 nor 2. Both are INVALID_REQUEST in version 0.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('endpointType', int8, { in: '1+', default: 1 }),
    field('clusterId', string),
    field(
      'controllerId',
      int32,
      { default: -1 },
      'From a broker: some live broker, since any forwards what is meant for the controller. From a controller: the leader of the metadata log, -1 when there is none.',
    ),
    list(
      'brokers',
      'Broker',
      'Nodes of the kind asked for, with the address for the listener that the request came in on.',
      [
        field('brokerId', int32),
        field('host', string),
        field('port', int32),
        field('rack', string, { nullable: '0+', default: null }),
        field('isFenced', bool, { in: '2+' }),
      ],
    ),
    field(
      'clusterAuthorizedOperations',
      int32,
      { default: -2147483648 },
      'Bit n stands for ACL operation n. -2147483648 when not asked for, 0 without DESCRIBE on the cluster.',
    ),
  ],
})

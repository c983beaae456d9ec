/** CreateAcls: permissions and prohibitions are added. */
import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 30,
  name: 'CreateAcls',
  text: 'Stores ACLs. Any broker passes it on to the controller; one that exists already is a success.',
  notes: {
    1: 'Prefix patterns (KIP-290). From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Resource type user (KIP-373).',
  },
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('creations', 'Creation', [
      field('resourceType', int8, 'Numbers as in DescribeAcls, without those for any.'),
      field('resourceName', string, '* with a literal pattern means all names. Of the cluster: kafka-cluster.'),
      field('resourcePatternType', int8, { default: 3 }, '3 literal, 4 prefix.'),
      field('principal', string, 'Type and name as in User:alice; User:* is everybody.'),
      field('host', string, 'An IP address, or * for all.'),
      field('operation', int8),
      field('permissionType', int8, '2 deny, 3 allow. A prohibition wins over every permission.'),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', 'In the order of creations.', [
      field('errorCode', int16, 'SECURITY_DISABLED, CLUSTER_AUTHORIZATION_FAILED, INVALID_REQUEST.'),
      field('errorMessage', string, { nullable: '0+' }),
    ]),
  ],
})

/** DescribeAcls: who may do what, as stored. */
import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 29,
  name: 'DescribeAcls',
  text: 'Lists the ACLs that match a filter. Any broker answers.',
  notes: {
    1: 'Prefix patterns (KIP-290). From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Resource type user (KIP-373).',
  },
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field(
      'resourceTypeFilter',
      int8,
      '1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user.',
    ),
    field('resourceNameFilter', string, { nullable: '0+' }, 'Null for any name.'),
    field(
      'patternTypeFilter',
      int8,
      { default: 3 },
      '1 any, 2 every pattern that applies to the name (literal, prefix, *), 3 literal, 4 prefix.',
    ),
    field('principalFilter', string, { nullable: '0+' }, 'Type and name as in User:alice; null for any.'),
    field('hostFilter', string, { nullable: '0+' }, 'Null for any.'),
    field(
      'operation',
      int8,
      '1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe configs, 11 alter configs, 12 idempotent write, 13 create tokens, 14 describe tokens, 15 two-phase commit.',
    ),
    field('permissionType', int8, '1 any, 2 deny, 3 allow.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'SECURITY_DISABLED: the cluster has no authorizer. CLUSTER_AUTHORIZATION_FAILED.'),
    field('errorMessage', string, { nullable: '0+' }),
    list('resources', 'Resource', 'By type, name and pattern; numbers as in the request.', [
      field('resourceType', int8),
      field('resourceName', string, '* stands for all names.'),
      field('patternType', int8, { default: 3 }),
      list('acls', 'Acl', [
        field('principal', string),
        field('host', string, '* stands for all hosts.'),
        field('operation', int8),
        field('permissionType', int8),
      ]),
    ]),
  ],
})

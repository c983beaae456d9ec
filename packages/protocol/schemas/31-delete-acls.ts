/** DeleteAcls: permissions and prohibitions are removed. */
import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 31,
  name: 'DeleteAcls',
  text: 'Removes every ACL that matches one of the filters, and tells which these were. Any broker passes it on to the controller.',
  notes: {
    1: 'Prefix patterns (KIP-290). From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Resource type user (KIP-373).',
  },
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('filters', 'Filter', 'As in DescribeAcls.', [
      field('resourceTypeFilter', int8),
      field('resourceNameFilter', string, { nullable: '0+' }, 'Null for any name.'),
      field(
        'patternTypeFilter',
        int8,
        { default: 3 },
        '2, every pattern that applies to the name, removes more than 3 does.',
      ),
      field('principalFilter', string, { nullable: '0+' }, 'Null for any.'),
      field('hostFilter', string, { nullable: '0+' }, 'Null for any.'),
      field('operation', int8),
      field('permissionType', int8),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('filterResults', 'FilterResult', 'In the order of the filters.', [
      field('errorCode', int16, 'Of the filter as such: SECURITY_DISABLED, CLUSTER_AUTHORIZATION_FAILED.'),
      field('errorMessage', string, { nullable: '0+' }),
      list('matchingAcls', 'MatchingAcl', [
        field('errorCode', int16, 'Of the removal of this one.'),
        field('errorMessage', string, { nullable: '0+' }),
        field('resourceType', int8),
        field('resourceName', string),
        field('patternType', int8, { default: 3 }),
        field('principal', string),
        field('host', string),
        field('operation', int8),
        field('permissionType', int8),
      ]),
    ]),
  ],
})

import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 29,
  name: 'DescribeAcls',
  text: '',
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    field('resourceTypeFilter', int8),
    field('resourceNameFilter', string, { nullable: '0+' }),
    field('patternTypeFilter', int8, { default: 3 }),
    field('principalFilter', string, { nullable: '0+' }),
    field('hostFilter', string, { nullable: '0+' }),
    field('operation', int8),
    field('permissionType', int8),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    list('resources', 'Resource', [
      field('resourceType', int8),
      field('resourceName', string),
      field('patternType', int8, { default: 3 }),
      list('acls', 'Acl', [
        field('principal', string),
        field('host', string),
        field('operation', int8),
        field('permissionType', int8),
      ]),
    ]),
  ],
})

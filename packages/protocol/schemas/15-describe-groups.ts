import { api, array, bool, bytes, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 15,
  name: 'DescribeGroups',
  text: '',
  versions: '0-6',
  flexible: '5+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groups', array(string)), field('includeAuthorizedOperations', bool, { in: '3+' })],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    list('groups', 'Group', [
      field('errorCode', int16),
      field('errorMessage', string, { in: '6+', nullable: '0+', default: null }),
      field('groupId', string),
      field('groupState', string),
      field('protocolType', string),
      field('protocolData', string),
      list('members', 'Member', [
        field('memberId', string),
        field('groupInstanceId', string, { in: '4+', nullable: '0+', default: null, ignorable: true }),
        field('clientId', string),
        field('clientHost', string),
        field('memberMetadata', bytes),
        field('memberAssignment', bytes),
      ]),
      field('authorizedOperations', int32, { in: '3+', default: -2147483648 }),
    ]),
  ],
})

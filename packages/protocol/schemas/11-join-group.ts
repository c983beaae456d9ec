import { api, bool, bytes, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 11,
  name: 'JoinGroup',
  text: '',
  versions: '0-9',
  flexible: '6+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('sessionTimeoutMs', int32),
    field('rebalanceTimeoutMs', int32, { in: '1+', default: -1, ignorable: true }),
    field('memberId', string),
    field('groupInstanceId', string, { in: '5+', nullable: '0+', default: null }),
    field('protocolType', string),
    list('protocols', 'Protocol', [field('name', string), field('metadata', bytes)]),
    field('reason', string, { in: '8+', nullable: '0+', default: null, ignorable: true }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '2+', ignorable: true }),
    field('errorCode', int16),
    field('generationId', int32, { default: -1 }),
    field('protocolType', string, { in: '7+', nullable: '0+', default: null, ignorable: true }),
    field('protocolName', string, { nullable: '7+' }),
    field('leader', string),
    field('skipAssignment', bool, { in: '9+' }),
    field('memberId', string),
    list('members', 'Member', [
      field('memberId', string),
      field('groupInstanceId', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
      field('metadata', bytes),
    ]),
  ],
})

import { api, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 13,
  name: 'LeaveGroup',
  text: '',
  versions: '0-5',
  flexible: '4+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string, { in: '0-2' }),
    list('members', 'Member', { in: '3+' }, [
      field('memberId', string),
      field('groupInstanceId', string, { nullable: '0+', default: null }),
      field('reason', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field('errorCode', int16),
    list('members', 'Member', { in: '3+' }, [
      field('memberId', string),
      field('groupInstanceId', string, { nullable: '0+' }),
      field('errorCode', int16),
    ]),
  ],
})

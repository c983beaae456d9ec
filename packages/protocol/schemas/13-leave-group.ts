/** LeaveGroup: members give up their place in a group. */
import { api, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 13,
  name: 'LeaveGroup',
  text: 'Takes members out at once, instead of when their session ends. A closing member sends it for itself, a tool for others; static members usually do not, to keep their place over a restart.',
  notes: {
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Several members, each by its id or its instance id, with an error to each (KIP-345).',
    5: 'The member can say why it leaves (KIP-800).',
  },
  versions: '0-5',
  flexible: '4+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string, { in: '0-2' }),
    list('members', 'Member', { in: '3+' }, [
      field('memberId', string, 'May be empty when the instance id names the member.'),
      field('groupInstanceId', string, { nullable: '0+', default: null }, 'Null for a dynamic member.'),
      field(
        'reason',
        string,
        { in: '5+', nullable: '0+', default: null, ignorable: true },
        "Goes to the coordinator's log; at most 255 characters.",
      ),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field(
      'errorCode',
      int16,
      'Of the whole request: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, GROUP_AUTHORIZATION_FAILED. Below 3 also of the one member.',
    ),
    list('members', 'Member', { in: '3+' }, [
      field('memberId', string),
      field('groupInstanceId', string, { nullable: '0+' }),
      field(
        'errorCode',
        int16,
        'UNKNOWN_MEMBER_ID: was out already. FENCED_INSTANCE_ID: the instance id belongs to another member id by now.',
      ),
    ]),
  ],
})

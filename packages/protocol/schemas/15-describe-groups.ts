/** DescribeGroups: classic groups as their coordinator sees them. */
import { api, array, bool, bytes, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 15,
  name: 'DescribeGroups',
  text: 'Tells state, protocol, members and assignment of classic groups. Groups of the consumer protocol are for ConsumerGroupDescribe and look unknown here.',
  notes: {
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'What the caller may do, on request (KIP-430).',
    4: 'Static members show their instance id (KIP-345).',
    6: 'An unknown group is GROUP_ID_NOT_FOUND with a message. Before that it is no error but a group in state Dead (KIP-1043).',
  },
  versions: '0-6',
  flexible: '5+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groups', array(string), 'All with this broker as their coordinator.'),
    field('includeAuthorizedOperations', bool, { in: '3+' }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    list('groups', 'Group', [
      field(
        'errorCode',
        int16,
        'NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, GROUP_ID_NOT_FOUND, GROUP_AUTHORIZATION_FAILED.',
      ),
      field('errorMessage', string, { in: '6+', nullable: '0+', default: null }),
      field('groupId', string),
      field('groupState', string, 'Empty, PreparingRebalance, CompletingRebalance, Stable or Dead; no text on error.'),
      field('protocolType', string, 'No text when the group has only ever held offsets.'),
      field(
        'protocolData',
        string,
        'The protocol in use, for consumers the assignor; no text unless the group is Stable.',
      ),
      list('members', 'Member', [
        field('memberId', string),
        field(
          'groupInstanceId',
          string,
          { in: '4+', nullable: '0+', default: null, ignorable: true },
          'Null unless the member is static.',
        ),
        field('clientId', string),
        field('clientHost', string, 'The IP address, with a slash before it.'),
        field(
          'memberMetadata',
          bytes,
          'What the member sent in JoinGroup for the protocol in use; no bytes unless the group is Stable.',
        ),
        field('memberAssignment', bytes, 'What it got in SyncGroup; no bytes unless the group is Stable.'),
      ]),
      field(
        'authorizedOperations',
        int32,
        { in: '3+', default: -2147483648 },
        'Bit n for the ACL operation with code n; the lowest int32 when not asked for.',
      ),
    ]),
  ],
})

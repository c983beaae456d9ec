/** SyncGroup: a classic group's assignment, from the leader to each member. */
import { api, bytes, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 14,
  name: 'SyncGroup',
  text: 'Second half of a classic rebalance. The leader hands in what each member gets, the others send nothing and wait; everyone is answered with their own share.',
  notes: {
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Static members (KIP-345): FENCED_INSTANCE_ID.',
    5: "Protocol type and name are compared with the group's: INCONSISTENT_GROUP_PROTOCOL (KIP-559).",
  },
  versions: '0-5',
  flexible: '4+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('generationId', int32),
    field('memberId', string),
    field('groupInstanceId', string, { in: '3+', nullable: '0+', default: null }, 'Null unless the member is static.'),
    field(
      'protocolType',
      string,
      { in: '5+', nullable: '0+', default: null, ignorable: true },
      'Must be set from 5 on; null counts as a mismatch.',
    ),
    field(
      'protocolName',
      string,
      { in: '5+', nullable: '0+', default: null, ignorable: true },
      'Must be set from 5 on; null counts as a mismatch.',
    ),
    list(
      'assignments',
      'Assignment',
      'From the leader one for each member; from the others empty, and ignored if not.',
      [
        field('memberId', string),
        field(
          'assignment',
          bytes,
          'Only the member reads it. For consumers an int16 version and a ConsumerProtocolAssignment.',
        ),
      ],
    ),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field(
      'errorCode',
      int16,
      'REBALANCE_IN_PROGRESS: the next rebalance has begun, rejoin. ILLEGAL_GENERATION: rejoin with the same id. UNKNOWN_MEMBER_ID: join with an empty id. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Final: FENCED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL, GROUP_AUTHORIZATION_FAILED.',
    ),
    field('protocolType', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    field('protocolName', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    field(
      'assignment',
      bytes,
      'As the leader wrote it. No bytes at all when the leader forgot this member, or on error.',
    ),
  ],
})

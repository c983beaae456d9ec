/** Heartbeat: a member of a classic group is alive. */
import { api, field, int16, int32, string } from '../generate/schema.js'

export default api({
  key: 12,
  name: 'Heartbeat',
  text: "Keeps the member's session and brings news: the answer is how a member learns that a rebalance has begun. Sent every heartbeat.interval.ms, also while the application works on records.",
  notes: {
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'Static members (KIP-345): FENCED_INSTANCE_ID.',
  },
  versions: '0-4',
  flexible: '4+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('generationId', int32),
    field('memberId', string),
    field('groupInstanceId', string, { in: '3+', nullable: '0+', default: null }, 'Null unless the member is static.'),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field(
      'errorCode',
      int16,
      'REBALANCE_IN_PROGRESS: still a member, rejoin before the rebalance timeout. ILLEGAL_GENERATION: rejoin with the same id. UNKNOWN_MEMBER_ID: taken out, join with an empty id. FENCED_INSTANCE_ID: another runs under this instance id, final. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE.',
    ),
  ],
})

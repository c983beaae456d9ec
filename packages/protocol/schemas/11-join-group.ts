/** JoinGroup: a member enters the next generation of a classic group. */
import { api, bool, bytes, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 11,
  name: 'JoinGroup',
  text: 'Joins a classic group, or rejoins it in a rebalance. The coordinator holds the answer until all members are in or the rebalance timeout has passed; SyncGroup then hands out the assignment.',
  notes: {
    3: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    4: 'A first join is answered with MEMBER_ID_REQUIRED and an id to join again with, so that lost answers leave no ghost members (KIP-394).',
    5: 'Static membership: an instance that restarts takes its old place without a rebalance (KIP-345).',
    7: 'The answer names the protocol type, and has null for the protocol name when it failed (KIP-559).',
    8: 'The member can say why it joins (KIP-800).',
    9: 'A static leader that comes back to an unchanged group is told to assign nothing (KIP-814).',
  },
  versions: '0-9',
  flexible: '6+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field(
      'sessionTimeoutMs',
      int32,
      'Silent for longer, the member is taken out. Outside of group.min.session.timeout.ms and group.max.session.timeout.ms (6 s to 30 min): INVALID_SESSION_TIMEOUT.',
    ),
    field(
      'rebalanceTimeoutMs',
      int32,
      { in: '1+', default: -1, ignorable: true },
      'How long a rebalance waits for this member; consumers send max.poll.interval.ms. Version 0 has the session timeout for it.',
    ),
    field('memberId', string, 'Empty at first, then the id that the coordinator gave.'),
    field(
      'groupInstanceId',
      string,
      { in: '5+', nullable: '0+', default: null },
      'Null unless the member is static. A second member under the same id displaces the first, which meets FENCED_INSTANCE_ID.',
    ),
    field('protocolType', string, '"consumer" or "connect", for example. One per group: INCONSISTENT_GROUP_PROTOCOL.'),
    list(
      'protocols',
      'Protocol',
      'Preferred first. The coordinator lets the members vote among those that all of them have.',
      [
        field('name', string, 'For consumers the assignor: range, cooperative-sticky, …'),
        field(
          'metadata',
          bytes,
          'Only the leader reads it. For consumers an int16 version and a ConsumerProtocolSubscription.',
        ),
      ],
    ),
    field(
      'reason',
      string,
      { in: '8+', nullable: '0+', default: null, ignorable: true },
      "Goes to the coordinator's log; at most 255 characters.",
    ),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '2+', ignorable: true }),
    field(
      'errorCode',
      int16,
      'MEMBER_ID_REQUIRED: take memberId from this answer, join again at once. UNKNOWN_MEMBER_ID: join again with an empty id. Retry: COORDINATOR_LOAD_IN_PROGRESS, REBALANCE_IN_PROGRESS. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Final: FENCED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL, INVALID_SESSION_TIMEOUT, INVALID_GROUP_ID, GROUP_MAX_SIZE_REACHED, GROUP_AUTHORIZATION_FAILED.',
    ),
    field('generationId', int32, { default: -1 }, '-1 on error. Every later request of the member carries it.'),
    field('protocolType', string, { in: '7+', nullable: '0+', default: null, ignorable: true }),
    field('protocolName', string, { nullable: '7+' }, 'What the vote chose. On error null, below 7 empty.'),
    field('leader', string, 'The member that computes the assignment: the one whose memberId equals it.'),
    field(
      'skipAssignment',
      bool,
      { in: '9+' },
      'True: the leader sends an empty SyncGroup and gets back what was assigned before, yet watches the topics as leaders do.',
    ),
    field('memberId', string),
    list('members', 'Member', 'Filled for the leader, empty for all others.', [
      field('memberId', string),
      field('groupInstanceId', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
      field('metadata', bytes, 'What the member sent with the chosen protocol.'),
    ]),
  ],
})

/** ConsumerGroupHeartbeat: joins, stays in and leaves a group whose coordinator assigns the partitions. */
import { api, array, field, int16, int32, list, nested, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [field('topicId', uuid), field('partitions', array(int32))])

export default api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  text: "The one request of a member of a consumer group in the protocol where the coordinator assigns (KIP-848): it joins, keeps the member alive, says what it owns and leaves. The response brings the member's epoch and, when it changed, its assignment.",
  notes: {
    1: 'Subscription by pattern, which the coordinator resolves. The member makes its own id (KIP-1082): in version 0 the first heartbeat may leave it empty and takes it from the response.',
  },
  versions: '0-1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field(
      'groupId',
      string,
      'A classic group becomes a consumer group when it is empty, or when group.consumer.migration.policy lets it. Any other kind gets GROUP_ID_NOT_FOUND.',
    ),
    field(
      'memberId',
      string,
      "A random uuid in Kafka's text form, made once and kept for the life of the consumer, also when it is fenced or leaves and joins again.",
    ),
    field(
      'memberEpoch',
      int32,
      '0 joins; afterwards the epoch of the latest response. -1 leaves. -2 is a static member that stops for a while: its partitions wait until its session has run out. The epoch before the current one still passes if the member owns nothing that it was not given, for a response may have been lost; any other gets FENCED_MEMBER_EPOCH.',
    ),
    field(
      'instanceId',
      string,
      { nullable: '0+', default: null },
      'The name of a static member, in every heartbeat it sends; null for a dynamic one. Epoch -2 requires it.',
    ),
    field('rackId', string, { nullable: '0+', default: null }, 'Null: none, or unchanged.'),
    field(
      'rebalanceTimeoutMs',
      int32,
      { default: -1 },
      'How long the member may take to give up partitions before it is fenced, as a rule max.poll.interval.ms. Required to join; -1 later: unchanged.',
    ),
    field(
      'subscribedTopicNames',
      array(string),
      { nullable: '0+', default: null },
      'Null: unchanged. To join, names or a pattern are required; with both, the member gets the topics of either.',
    ),
    field(
      'subscribedTopicRegex',
      string,
      { in: '1+', nullable: '0+', default: null },
      'RE2 syntax, matched against whole names of topics that the member may describe. Null: unchanged. Empty: no pattern any more.',
    ),
    field(
      'serverAssignor',
      string,
      { nullable: '0+', default: null },
      "`uniform` or `range`. The one that most members name is used, the broker's first if none does. Null: no wish, or unchanged.",
    ),
    list(
      'topicPartitions',
      'TopicPartition',
      { nullable: '0+', default: null },
      'All that the member owns at this moment; leaving one out is how it says that the partition is revoked and free for others. Null: unchanged. Empty to join.',
      [field('topicId', uuid), field('partitions', array(int32))],
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID: drop all partitions and join again with epoch 0. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again. COORDINATOR_LOAD_IN_PROGRESS: retry. TOPIC_AUTHORIZATION_FAILED: a topic of the subscription is not allowed; the member stays. The others end the membership: GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST, GROUP_ID_NOT_FOUND, UNSUPPORTED_ASSIGNOR, GROUP_MAX_SIZE_REACHED, UNRELEASED_INSTANCE_ID while another member has the static name, FENCED_INSTANCE_ID once another took it over, INVALID_REGULAR_EXPRESSION, UNSUPPORTED_VERSION when group.version is 0.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('memberId', string, { nullable: '0+', default: null }, 'Null with an error.'),
    field('memberEpoch', int32, 'To be sent next. -1 or -2 comes back to a member that leaves.'),
    field(
      'heartbeatIntervalMs',
      int32,
      "Set by the broker and the group's configuration; it may change from one response to the next.",
    ),
    nested(
      'assignment',
      'Assignment',
      { nullable: '0+', default: null },
      'Null: unchanged. Otherwise everything the member may own now, not a difference. Partitions that another member has yet to give up are not in it; they come with a later response.',
      [field('topicPartitions', array(topicPartitions))],
    ),
  ],
})

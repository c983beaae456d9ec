/** ShareGroupHeartbeat: joins, stays in and leaves a share group. */
import { api, array, field, int16, int32, nested, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [field('topicId', uuid), field('partitions', array(int32))])

export default api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  text: 'The one membership request of a share consumer (KIP-932), a smaller ConsumerGroupHeartbeat: partitions are shared between members, so that nothing is revoked, acknowledged or static.',
  versions: '1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string, "A random uuid in Kafka's text form, made once and kept for the life of the consumer."),
    field('memberEpoch', int32, '0 joins; afterwards the epoch of the latest response. -1 leaves.'),
    field('rackId', string, { nullable: '0+', default: null }, 'Null: none, or unchanged.'),
    field(
      'subscribedTopicNames',
      array(string),
      { nullable: '0+', default: null },
      'Null: unchanged. Required to join.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID: join again with epoch 0. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again. COORDINATOR_LOAD_IN_PROGRESS: retry. TOPIC_AUTHORIZATION_FAILED: a topic of the subscription is not allowed. GROUP_AUTHORIZATION_FAILED, GROUP_ID_NOT_FOUND for a group of another kind, GROUP_MAX_SIZE_REACHED, INVALID_REQUEST.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('memberId', string, { nullable: '0+', default: null }, 'Null with an error.'),
    field('memberEpoch', int32, 'To be sent next; -1 comes back to a member that leaves.'),
    field('heartbeatIntervalMs', int32),
    nested(
      'assignment',
      'Assignment',
      { nullable: '0+', default: null },
      'Null: unchanged. Otherwise all partitions to fetch from; other members may have the same ones.',
      [field('topicPartitions', array(topicPartitions))],
    ),
  ],
})

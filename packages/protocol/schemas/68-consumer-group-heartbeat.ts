import { api, array, field, int16, int32, list, nested, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [field('topicId', uuid), field('partitions', array(int32))])

export default api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string),
    field('memberEpoch', int32),
    field('instanceId', string, { nullable: '0+', default: null }),
    field('rackId', string, { nullable: '0+', default: null }),
    field('rebalanceTimeoutMs', int32, { default: -1 }),
    field('subscribedTopicNames', array(string), { nullable: '0+', default: null }),
    field('subscribedTopicRegex', string, { in: '1+', nullable: '0+', default: null }),
    field('serverAssignor', string, { nullable: '0+', default: null }),
    list('topicPartitions', 'TopicPartition', { nullable: '0+', default: null }, [
      field('topicId', uuid),
      field('partitions', array(int32)),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('memberId', string, { nullable: '0+', default: null }),
    field('memberEpoch', int32),
    field('heartbeatIntervalMs', int32),
    nested('assignment', 'Assignment', { nullable: '0+', default: null }, [
      field('topicPartitions', array(topicPartitions)),
    ]),
  ],
})

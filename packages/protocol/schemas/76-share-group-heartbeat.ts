import { api, array, field, int16, int32, nested, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [field('topicId', uuid), field('partitions', array(int32))])

export default api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  text: '',
  versions: '1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string),
    field('memberEpoch', int32),
    field('rackId', string, { nullable: '0+', default: null }),
    field('subscribedTopicNames', array(string), { nullable: '0+', default: null }),
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

import { api, array, bool, field, int8, int16, int32, list, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [
  field('topicId', uuid),
  field('topicName', string),
  field('partitions', array(int32)),
])

const assignment = struct('Assignment', [field('topicPartitions', array(topicPartitions))])

export default api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groupIds', array(string)), field('includeAuthorizedOperations', bool)],
  response: [
    field('throttleTimeMs', int32),
    list('groups', 'Group', [
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+', default: null }),
      field('groupId', string),
      field('groupState', string),
      field('groupEpoch', int32),
      field('assignmentEpoch', int32),
      field('assignorName', string),
      list('members', 'Member', [
        field('memberId', string),
        field('instanceId', string, { nullable: '0+', default: null }),
        field('rackId', string, { nullable: '0+', default: null }),
        field('memberEpoch', int32),
        field('clientId', string),
        field('clientHost', string),
        field('subscribedTopicNames', array(string)),
        field('subscribedTopicRegex', string, { nullable: '0+', default: null }),
        field('assignment', assignment),
        field('targetAssignment', assignment),
        field('memberType', int8, { in: '1+', default: -1, ignorable: true }),
      ]),
      field('authorizedOperations', int32, { default: -2147483648 }),
    ]),
  ],
})

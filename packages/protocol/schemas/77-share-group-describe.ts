import { api, array, bool, field, int16, int32, list, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [
  field('topicId', uuid),
  field('topicName', string),
  field('partitions', array(int32)),
])

const assignment = struct('Assignment', [field('topicPartitions', array(topicPartitions))])

export default api({
  key: 77,
  name: 'ShareGroupDescribe',
  text: '',
  versions: '1',
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
        field('rackId', string, { nullable: '0+', default: null }),
        field('memberEpoch', int32),
        field('clientId', string),
        field('clientHost', string),
        field('subscribedTopicNames', array(string)),
        field('assignment', assignment),
      ]),
      field('authorizedOperations', int32, { default: -2147483648 }),
    ]),
  ],
})

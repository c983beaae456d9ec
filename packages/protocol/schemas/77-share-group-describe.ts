/** ShareGroupDescribe: state, members and assignments of share groups. */
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
  text: 'Shows share groups: epochs, members and the partitions each fetches from.',
  versions: '1',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groupIds', array(string)), field('includeAuthorizedOperations', bool)],
  response: [
    field('throttleTimeMs', int32),
    list('groups', 'Group', [
      field(
        'errorCode',
        int16,
        "GROUP_ID_NOT_FOUND: no such group, or of another kind. TOPIC_AUTHORIZATION_FAILED: a member has a topic that the caller may not describe. GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, and the coordinator's own: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.",
      ),
      field('errorMessage', string, { nullable: '0+', default: null }),
      field('groupId', string),
      field('groupState', string, '`Empty`, `Stable` or `Dead`.'),
      field('groupEpoch', int32, 'Rises with every change of members, subscriptions or topics.'),
      field('assignmentEpoch', int32, 'The group epoch that the assignment was made for.'),
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
      field(
        'authorizedOperations',
        int32,
        { default: -2147483648 },
        'Bit n stands for ACL operation n. -2147483648 when not asked for.',
      ),
    ]),
  ],
})

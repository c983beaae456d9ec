/** ConsumerGroupDescribe: state, members and assignments of consumer groups. */
import { api, array, bool, field, int8, int16, int32, list, string, struct, uuid } from '../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [
  field('topicId', uuid),
  field('topicName', string, 'As the coordinator knows it now.'),
  field('partitions', array(int32)),
])

const assignment = struct('Assignment', [field('topicPartitions', array(topicPartitions))])

export default api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  text: 'Shows groups of the protocol where the coordinator assigns: epochs, members, what each owns and what each is to own. Classic groups have DescribeGroups.',
  notes: {
    1: 'Tells members of the classic protocol from the others while a group moves between the two (KIP-1099).',
  },
  versions: '0-1',
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
        'GROUP_ID_NOT_FOUND: no such group, or a classic one. TOPIC_AUTHORIZATION_FAILED: a member has a topic that the caller may not describe, so that no members are shown. GROUP_AUTHORIZATION_FAILED. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS: find the coordinator again or retry. INVALID_GROUP_ID.',
      ),
      field('errorMessage', string, { nullable: '0+', default: null }),
      field('groupId', string),
      field(
        'groupState',
        string,
        '`Empty`, `Assigning` while a new target assignment is due, `Reconciling` while members move to it, `Stable` or `Dead`.',
      ),
      field('groupEpoch', int32, 'Rises with every change of members, subscriptions or topics.'),
      field(
        'assignmentEpoch',
        int32,
        'The group epoch that the target assignment was made for; below `groupEpoch` while a newer one is due.',
      ),
      field('assignorName', string, 'The one the group uses: `uniform` or `range`.'),
      list('members', 'Member', [
        field('memberId', string),
        field('instanceId', string, { nullable: '0+', default: null }),
        field('rackId', string, { nullable: '0+', default: null }),
        field('memberEpoch', int32, 'Below `assignmentEpoch` while the member has partitions to give up.'),
        field('clientId', string),
        field('clientHost', string),
        field('subscribedTopicNames', array(string)),
        field(
          'subscribedTopicRegex',
          string,
          { nullable: '0+', default: null },
          'Null without a pattern; what it matched is not listed.',
        ),
        field('assignment', assignment, 'What the member owns, or has just been given.'),
        field('targetAssignment', assignment, 'What it will own once all have given up theirs.'),
        field(
          'memberType',
          int8,
          { in: '1+', default: -1, ignorable: true },
          '0 speaks the classic protocol, 1 the new one; -1 from a broker that cannot tell.',
        ),
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

/** Records of `__consumer_offsets`: share groups (KIP-932). */
import {
  array,
  field,
  int8,
  int32,
  int64,
  list,
  type RecordType,
  record,
  string,
  struct,
  uuid,
} from '../../generate/schema.js'

const topicPartitions = struct('TopicPartitions', [field('topicId', uuid), field('partitions', array(int32))])

const topicPartitionsInfo = struct('TopicPartitionsInfo', [
  field('topicId', uuid),
  field('topicName', string),
  field('partitions', array(int32)),
])

const topicInfo = struct('TopicInfo', [field('topicId', uuid), field('topicName', string)])

const shareGroup: readonly RecordType[] = [
  record({
    name: 'ShareGroupMemberMetadataKey',
    text: 'Names a member of a share group. With a null value it has left or was fenced.',
    kind: 'coordinator-key',
    id: 10,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'ShareGroupMemberMetadataValue',
    text: 'What a member last said of itself in its heartbeats.',
    kind: 'coordinator-value',
    id: 10,
    versions: '0',
    flexible: '0+',
    fields: [
      field('rackId', string, { nullable: '0+' }),
      field('clientId', string),
      field('clientHost', string),
      field('subscribedTopicNames', array(string)),
    ],
  }),
  record({
    name: 'ShareGroupMetadataKey',
    text: 'Names a share group. With a null value the group is gone.',
    kind: 'coordinator-key',
    id: 11,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'ShareGroupMetadataValue',
    text: 'The epoch of a share group.',
    kind: 'coordinator-value',
    id: 11,
    versions: '0',
    flexible: '0+',
    fields: [
      field('epoch', int32, 'Rises when members, subscriptions or subscribed topics change.'),
      field(
        'metadataHash',
        int64,
        'Over the subscribed topics with their partitions and racks: another hash means that they changed.',
      ),
    ],
  }),
  record({
    name: 'ShareGroupTargetAssignmentMetadataKey',
    text: 'Names the assignment of a share group. With a null value there is none.',
    kind: 'coordinator-key',
    id: 12,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'ShareGroupTargetAssignmentMetadataValue',
    text: 'Which group epoch the assignment is for.',
    kind: 'coordinator-value',
    id: 12,
    versions: '0',
    flexible: '0+',
    fields: [
      field('assignmentEpoch', int32),
      field(
        'assignmentTimestamp',
        int64,
        { ignorable: true, tag: 0 },
        'When the assignment was ready (KIP-1263); 0 when unknown.',
      ),
    ],
  }),
  record({
    name: 'ShareGroupTargetAssignmentMemberKey',
    text: "Names a member's part of the assignment. With a null value it has none.",
    kind: 'coordinator-key',
    id: 13,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'ShareGroupTargetAssignmentMemberValue',
    text: 'What a member is to fetch from. Other members may have the same partitions.',
    kind: 'coordinator-value',
    id: 13,
    versions: '0',
    flexible: '0+',
    fields: [list('topicPartitions', 'TopicPartition', [field('topicId', uuid), field('partitions', array(int32))])],
  }),
  record({
    name: 'ShareGroupCurrentMemberAssignmentKey',
    text: 'Names what a member fetches from at present. With a null value nothing.',
    kind: 'coordinator-key',
    id: 14,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'ShareGroupCurrentMemberAssignmentValue',
    text: 'What a member fetches from at present, and in which epoch.',
    kind: 'coordinator-value',
    id: 14,
    versions: '0',
    flexible: '0+',
    fields: [
      field('memberEpoch', int32),
      field(
        'previousMemberEpoch',
        int32,
        'Accepted once more, from a member that did not get the response with the new one.',
      ),
      field('state', int8, '0 stable. As nothing is revoked in a share group, there is no other.'),
      field('assignedPartitions', array(topicPartitions)),
    ],
  }),
  record({
    name: 'ShareGroupStatePartitionMetadataKey',
    text: 'Names the partitions that a share group has state of. With a null value there are none.',
    kind: 'coordinator-key',
    id: 15,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'ShareGroupStatePartitionMetadataValue',
    text: 'Which partitions of a share group have state at the share coordinator, so that none is set up twice or left behind.',
    kind: 'coordinator-value',
    id: 15,
    versions: '0',
    flexible: '0+',
    fields: [
      field(
        'initializingTopics',
        array(topicPartitionsInfo),
        'Asked for with InitializeShareGroupState, not confirmed yet.',
      ),
      field('initializedTopics', array(topicPartitionsInfo)),
      field('deletingTopics', array(topicInfo), 'Asked for with DeleteShareGroupState, not confirmed yet.'),
    ],
  }),
]

export default shareGroup

/** Records of `__consumer_offsets`: groups of Kafka Streams applications (KIP-1071). */
import {
  array,
  field,
  int8,
  int16,
  int32,
  int64,
  list,
  type RecordType,
  record,
  string,
  struct,
  uint16,
} from '../../generate/schema.js'

const lastAssignmentConfig = struct('LastAssignmentConfig', [field('key', string), field('value', string)])

const endpoint = struct('Endpoint', [field('host', string), field('port', uint16)])

const keyValue = struct('KeyValue', [field('key', string), field('value', string)])

const taskIds = struct('TaskIds', [
  field('subtopologyId', string),
  field('partitions', array(int32), 'Each is one task, named after the partition of the input topics that it reads.'),
])

const taskIdsInStreamsGroupCurrentMemberAssignmentValue = struct('TaskIds', [
  field('subtopologyId', string),
  field('partitions', array(int32), 'Each is one task, named after the partition of the input topics that it reads.'),
  field(
    'assignmentEpochs',
    array(int32),
    { nullable: '0+', tag: 0 },
    'For each of `partitions`, the member epoch in which the task was assigned. A commit with a lower epoch comes from before and is refused. Null for other than active tasks.',
  ),
])

const topicConfig = struct('TopicConfig', [field('key', string), field('value', string)])

const topicInfo = struct('TopicInfo', [
  field('name', string),
  field('partitions', int32, '0 leaves it to the coordinator, as always for changelog topics.'),
  field('replicationFactor', int16, "0 means the broker's default."),
  field('topicConfigs', array(topicConfig)),
])

const streamsGroup: readonly RecordType[] = [
  record({
    name: 'StreamsGroupMetadataKey',
    text: 'Names a streams group. With a null value the group is gone.',
    kind: 'coordinator-key',
    id: 17,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'StreamsGroupMetadataValue',
    text: 'The epoch of a streams group, and what its last assignment was made from.',
    kind: 'coordinator-value',
    id: 17,
    versions: '0',
    flexible: '0+',
    fields: [
      field(
        'epoch',
        int32,
        'Rises when members, topology, topics or settings change; then a new target assignment is due.',
      ),
      field('metadataHash', int64, 'Over the topics that the topology uses: another hash means that they changed.'),
      field(
        'validatedTopologyEpoch',
        int32,
        { default: -1, tag: 0 },
        'The topology whose topics were found to be there and partitioned as it needs them; -1 for none.',
      ),
      field(
        'lastAssignmentConfigs',
        array(lastAssignmentConfig),
        { nullable: '0+', tag: 1 },
        'Settings such as num.standby.replicas; another value makes a new assignment due.',
      ),
    ],
  }),
  record({
    name: 'StreamsGroupMemberMetadataKey',
    text: 'Names a member of a streams group. With a null value it has left or was fenced.',
    kind: 'coordinator-key',
    id: 19,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'StreamsGroupMemberMetadataValue',
    text: 'What a member last said of itself in its heartbeats.',
    kind: 'coordinator-value',
    id: 19,
    versions: '0',
    flexible: '0+',
    fields: [
      field('instanceId', string, { nullable: '0+' }),
      field('rackId', string, { nullable: '0+' }),
      field('clientId', string),
      field('clientHost', string),
      field('rebalanceTimeoutMs', int32, { default: -1 }),
      field('topologyEpoch', int32, 'Of the topology that the member runs.'),
      field('processId', string, 'Members of one process have the same.'),
      field(
        'userEndpoint',
        endpoint,
        { nullable: '0+', default: null },
        'Where the process answers queries of its state; null when it does not.',
      ),
      field('clientTags', array(keyValue)),
    ],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMetadataKey',
    text: 'Names the target assignment of a group. With a null value there is none.',
    kind: 'coordinator-key',
    id: 20,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMetadataValue',
    text: 'Which group epoch the target assignment is for.',
    kind: 'coordinator-value',
    id: 20,
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
    name: 'StreamsGroupTargetAssignmentMemberKey',
    text: "Names a member's part of the target assignment. With a null value it has none.",
    kind: 'coordinator-key',
    id: 21,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMemberValue',
    text: 'Which tasks a member is to run in the end.',
    kind: 'coordinator-value',
    id: 21,
    versions: '0',
    flexible: '0+',
    fields: [
      field('activeTasks', array(taskIds)),
      field('standbyTasks', array(taskIds)),
      field('warmupTasks', array(taskIds)),
    ],
  }),
  record({
    name: 'StreamsGroupCurrentMemberAssignmentKey',
    text: 'Names the tasks that a member runs at present. With a null value it runs none and has no epoch.',
    kind: 'coordinator-key',
    id: 22,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'StreamsGroupCurrentMemberAssignmentValue',
    text: 'How far a member has come on its way to the target assignment.',
    kind: 'coordinator-value',
    id: 22,
    versions: '0',
    flexible: '0+',
    fields: [
      field('memberEpoch', int32),
      field(
        'previousMemberEpoch',
        int32,
        'Accepted once more, from a member that did not get the response with the new one.',
      ),
      field(
        'state',
        int8,
        '1 stable; 2 has tasks to give up before its epoch rises; 3 has the new epoch but waits for tasks that others still run.',
      ),
      field('activeTasks', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('standbyTasks', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('warmupTasks', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field(
        'activeTasksPendingRevocation',
        array(taskIdsInStreamsGroupCurrentMemberAssignmentValue),
        'To be given up; nobody else gets them before the member has said so.',
      ),
      field('standbyTasksPendingRevocation', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('warmupTasksPendingRevocation', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
    ],
  }),
  record({
    name: 'StreamsGroupTopologyKey',
    text: 'Names the topology of a streams group. With a null value the group has none.',
    kind: 'coordinator-key',
    id: 23,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'StreamsGroupTopologyValue',
    text: 'The topology that the members run, as one of them brought it when it joined.',
    kind: 'coordinator-value',
    id: 23,
    versions: '0',
    flexible: '0+',
    fields: [
      field('epoch', int32),
      list('subtopologies', 'Subtopology', [
        field('subtopologyId', string),
        field('sourceTopics', array(string)),
        field('sourceTopicRegex', array(string)),
        field('stateChangelogTopics', array(topicInfo)),
        field('repartitionSinkTopics', array(string)),
        field('repartitionSourceTopics', array(topicInfo)),
        list(
          'copartitionGroups',
          'CopartitionGroup',
          "Inputs that need the same number of partitions, by index into the subtopology's lists.",
          [
            field('sourceTopics', array(int16)),
            field('sourceTopicRegex', array(int16)),
            field('repartitionSourceTopics', array(int16)),
          ],
        ),
      ]),
    ],
  }),
]

export default streamsGroup

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

const taskIds = struct('TaskIds', [field('subtopologyId', string), field('partitions', array(int32))])

const taskIdsInStreamsGroupCurrentMemberAssignmentValue = struct('TaskIds', [
  field('subtopologyId', string),
  field('partitions', array(int32)),
  field('assignmentEpochs', array(int32), { nullable: '0+', default: null, tag: 0 }),
])

const topicConfig = struct('TopicConfig', [field('key', string), field('value', string)])

const topicInfo = struct('TopicInfo', [
  field('name', string),
  field('partitions', int32),
  field('replicationFactor', int16),
  field('topicConfigs', array(topicConfig)),
])

const streamsGroup: readonly RecordType[] = [
  record({
    name: 'StreamsGroupMetadataKey',
    text: '',
    kind: 'coordinator-key',
    id: 17,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'StreamsGroupMetadataValue',
    text: '',
    kind: 'coordinator-value',
    id: 17,
    versions: '0',
    flexible: '0+',
    fields: [
      field('epoch', int32),
      field('metadataHash', int64),
      field('validatedTopologyEpoch', int32, { default: -1, tag: 0 }),
      field('lastAssignmentConfigs', array(lastAssignmentConfig), { nullable: '0+', default: null, tag: 1 }),
    ],
  }),
  record({
    name: 'StreamsGroupMemberMetadataKey',
    text: '',
    kind: 'coordinator-key',
    id: 19,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'StreamsGroupMemberMetadataValue',
    text: '',
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
      field('topologyEpoch', int32),
      field('processId', string),
      field('userEndpoint', endpoint, { nullable: '0+', default: null }),
      field('clientTags', array(keyValue)),
    ],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMetadataKey',
    text: '',
    kind: 'coordinator-key',
    id: 20,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMetadataValue',
    text: '',
    kind: 'coordinator-value',
    id: 20,
    versions: '0',
    flexible: '0+',
    fields: [field('assignmentEpoch', int32), field('assignmentTimestamp', int64, { ignorable: true, tag: 0 })],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMemberKey',
    text: '',
    kind: 'coordinator-key',
    id: 21,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'StreamsGroupTargetAssignmentMemberValue',
    text: '',
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
    text: '',
    kind: 'coordinator-key',
    id: 22,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string), field('memberId', string)],
  }),
  record({
    name: 'StreamsGroupCurrentMemberAssignmentValue',
    text: '',
    kind: 'coordinator-value',
    id: 22,
    versions: '0',
    flexible: '0+',
    fields: [
      field('memberEpoch', int32),
      field('previousMemberEpoch', int32),
      field('state', int8),
      field('activeTasks', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('standbyTasks', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('warmupTasks', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('activeTasksPendingRevocation', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('standbyTasksPendingRevocation', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
      field('warmupTasksPendingRevocation', array(taskIdsInStreamsGroupCurrentMemberAssignmentValue)),
    ],
  }),
  record({
    name: 'StreamsGroupTopologyKey',
    text: '',
    kind: 'coordinator-key',
    id: 23,
    versions: '0',
    flexible: 'none',
    fields: [field('groupId', string)],
  }),
  record({
    name: 'StreamsGroupTopologyValue',
    text: '',
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
        list('copartitionGroups', 'CopartitionGroup', [
          field('sourceTopics', array(int16)),
          field('sourceTopicRegex', array(int16)),
          field('repartitionSourceTopics', array(int16)),
        ]),
      ]),
    ],
  }),
]

export default streamsGroup

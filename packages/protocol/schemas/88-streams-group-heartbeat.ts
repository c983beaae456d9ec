import {
  api,
  array,
  bool,
  field,
  int8,
  int16,
  int32,
  int64,
  list,
  nested,
  string,
  struct,
  uint16,
} from '../generate/schema.js'

const keyValue = struct('KeyValue', [field('key', string), field('value', string)])

const topicInfo = struct('TopicInfo', [
  field('name', string),
  field('partitions', int32),
  field('replicationFactor', int16),
  field('topicConfigs', array(keyValue)),
])

const endpoint = struct('Endpoint', [field('host', string), field('port', uint16)])

const taskOffset = struct('TaskOffset', [
  field('subtopologyId', string),
  field('partition', int32),
  field('offset', int64),
])

const taskIds = struct('TaskIds', [field('subtopologyId', string), field('partitions', array(int32))])

const status = struct('Status', [field('statusCode', int8), field('statusDetail', string)])

const topicPartition = struct('TopicPartition', [field('topic', string), field('partitions', array(int32))])

const taskIdsInResponse = struct('TaskIds', [field('subtopologyId', string), field('partitions', array(int32))])

const endpointInResponse = struct('Endpoint', [field('host', string), field('port', uint16)])

export default api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string),
    field('memberEpoch', int32),
    field('endpointInformationEpoch', int32),
    field('instanceId', string, { nullable: '0+', default: null }),
    field('rackId', string, { nullable: '0+', default: null }),
    field('rebalanceTimeoutMs', int32, { default: -1 }),
    nested('topology', 'Topology', { nullable: '0+', default: null }, [
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
    ]),
    field('activeTasks', array(taskIds), { nullable: '0+', default: null }),
    field('standbyTasks', array(taskIds), { nullable: '0+', default: null }),
    field('warmupTasks', array(taskIds), { nullable: '0+', default: null }),
    field('processId', string, { nullable: '0+', default: null }),
    field('userEndpoint', endpoint, { nullable: '0+', default: null }),
    field('clientTags', array(keyValue), { nullable: '0+', default: null }),
    field('taskOffsets', array(taskOffset), { nullable: '0+', default: null }),
    field('taskEndOffsets', array(taskOffset), { nullable: '0+', default: null }),
    field('shutdownApplication', bool),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('memberId', string),
    field('memberEpoch', int32),
    field('heartbeatIntervalMs', int32),
    field('acceptableRecoveryLag', int32),
    field('taskOffsetIntervalMs', int32),
    field('status', array(status), { nullable: '0+' }),
    field('activeTasks', array(taskIdsInResponse), { nullable: '0+', default: null }),
    field('standbyTasks', array(taskIdsInResponse), { nullable: '0+', default: null }),
    field('warmupTasks', array(taskIdsInResponse), { nullable: '0+', default: null }),
    field('endpointInformationEpoch', int32),
    list('partitionsByUserEndpoint', 'PartitionsByUserEndpoint', { nullable: '0+', default: null }, [
      field('userEndpoint', endpointInResponse),
      field('activePartitions', array(topicPartition)),
      field('standbyPartitions', array(topicPartition)),
    ]),
  ],
})

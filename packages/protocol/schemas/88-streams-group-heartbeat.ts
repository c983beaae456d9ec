/** StreamsGroupHeartbeat: membership of a Kafka Streams application. */
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
  field('partitions', int32, '0 leaves it to the coordinator, as it must be for changelog topics.'),
  field('replicationFactor', int16, "0 means the broker's default."),
  field('topicConfigs', array(keyValue)),
])

const endpoint = struct('Endpoint', [field('host', string), field('port', uint16)])

const taskOffset = struct('TaskOffset', [
  field('subtopologyId', string),
  field('partition', int32),
  field('offset', int64),
])

const taskIds = struct('TaskIds', [
  field('subtopologyId', string),
  field('partitions', array(int32), 'Each is one task, named after the partition of the input topics that it reads.'),
])

const status = struct('Status', [
  field(
    'statusCode',
    int8,
    "0: the member's topology is older than the group's. 1: source topics are missing. 2: topics that must be partitioned alike are not. 3: internal topics are missing, creation is under way. 4: a member asked all to shut down. 5: the assignment is put off.",
  ),
  field('statusDetail', string),
])

const topicPartition = struct('TopicPartition', [field('topic', string), field('partitions', array(int32))])

const taskIdsInResponse = struct('TaskIds', [field('subtopologyId', string), field('partitions', array(int32))])

const endpointInResponse = struct('Endpoint', [field('host', string), field('port', uint16)])

export default api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  text: 'The one membership request of a Kafka Streams client (KIP-1071), like ConsumerGroupHeartbeat but for tasks: the member brings the topology, the coordinator creates the internal topics and assigns tasks.',
  versions: '0',
  flexible: '0+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('memberId', string),
    field(
      'memberEpoch',
      int32,
      '0 joins; afterwards the epoch of the latest response. -1 leaves. -2 is meant for static members that stop for a while.',
    ),
    field('endpointInformationEpoch', int32, 'Of the `partitionsByUserEndpoint` that the member has.'),
    field(
      'instanceId',
      string,
      { nullable: '0+', default: null },
      'Must be null for a Kafka 4.3 coordinator, which knows no static members here.',
    ),
    field('rackId', string, { nullable: '0+', default: null }),
    field('rebalanceTimeoutMs', int32, { default: -1 }, 'Required to join; -1 later: unchanged.'),
    nested('topology', 'Topology', { nullable: '0+', default: null }, 'Required to join, null later.', [
      field('epoch', int32, 'Raised by the application when it deploys another topology.'),
      list('subtopologies', 'Subtopology', [
        field('subtopologyId', string),
        field('sourceTopics', array(string)),
        field('sourceTopicRegex', array(string), 'Must be empty for a Kafka 4.3 coordinator.'),
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
    ]),
    field(
      'activeTasks',
      array(taskIds),
      { nullable: '0+', default: null },
      'All that the member runs now. Null: unchanged. Empty to join. With one of the three kinds of tasks, the other two must come too.',
    ),
    field('standbyTasks', array(taskIds), { nullable: '0+', default: null }, 'As `activeTasks`.'),
    field('warmupTasks', array(taskIds), { nullable: '0+', default: null }, 'As `activeTasks`.'),
    field(
      'processId',
      string,
      { nullable: '0+', default: null },
      'The same for all members in one process: a task and its standby belong in different ones.',
    ),
    field(
      'userEndpoint',
      endpoint,
      { nullable: '0+', default: null },
      'Where the process answers queries of its state. Null: none, or unchanged.',
    ),
    field(
      'clientTags',
      array(keyValue),
      { nullable: '0+', default: null },
      'For spreading standbys over racks or zones. Null: unchanged.',
    ),
    field(
      'taskOffsets',
      array(taskOffset),
      { nullable: '0+', default: null },
      'Must be null for a Kafka 4.3 coordinator, as must `taskEndOffsets`.',
    ),
    field('taskEndOffsets', array(taskOffset), { nullable: '0+', default: null }),
    field('shutdownApplication', bool, 'Asks all members to shut down; they learn of it by status 4.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'As for ConsumerGroupHeartbeat, and: STREAMS_INVALID_TOPOLOGY, STREAMS_INVALID_TOPOLOGY_EPOCH, STREAMS_TOPOLOGY_FENCED when the topology cannot be used. Internal topics the caller may not create are a status, not an error.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('memberId', string),
    field('memberEpoch', int32, 'To be sent next.'),
    field('heartbeatIntervalMs', int32),
    field('acceptableRecoveryLag', int32, 'Offsets that a warm-up task may be behind and still count as ready.'),
    field('taskOffsetIntervalMs', int32),
    field('status', array(status), { nullable: '0+' }, 'What holds the group or the member up, if anything does.'),
    field(
      'activeTasks',
      array(taskIdsInResponse),
      { nullable: '0+', default: null },
      'Null: unchanged. Otherwise all of them; likewise for the other kinds.',
    ),
    field('standbyTasks', array(taskIdsInResponse), { nullable: '0+', default: null }),
    field('warmupTasks', array(taskIdsInResponse), { nullable: '0+', default: null }),
    field('endpointInformationEpoch', int32, 'To be sent next.'),
    list(
      'partitionsByUserEndpoint',
      'PartitionsByUserEndpoint',
      { nullable: '0+', default: null },
      'Which process has the state of which partitions, for queries. Null: unchanged.',
      [
        field('userEndpoint', endpointInResponse),
        field('activePartitions', array(topicPartition)),
        field('standbyPartitions', array(topicPartition)),
      ],
    ),
  ],
})

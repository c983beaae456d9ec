/** StreamsGroupDescribe: state, topology, members and tasks of streams groups. */
import {
  api,
  array,
  bool,
  field,
  int16,
  int32,
  int64,
  list,
  nested,
  string,
  struct,
  uint16,
} from '../generate/schema.js'

const endpoint = struct('Endpoint', [field('host', string), field('port', uint16)])

const taskOffset = struct('TaskOffset', [
  field('subtopologyId', string),
  field('partition', int32),
  field('offset', int64),
])

const taskIds = struct('TaskIds', [field('subtopologyId', string), field('partitions', array(int32))])

const assignment = struct('Assignment', [
  field('activeTasks', array(taskIds)),
  field('standbyTasks', array(taskIds)),
  field('warmupTasks', array(taskIds)),
])

const keyValue = struct('KeyValue', [field('key', string), field('value', string)])

const topicInfo = struct('TopicInfo', [
  field('name', string),
  field('partitions', int32, '0 when the coordinator settles it.'),
  field('replicationFactor', int16, "0 means the broker's default."),
  field('topicConfigs', array(keyValue)),
])

export default api({
  key: 89,
  name: 'StreamsGroupDescribe',
  text: 'Shows groups of Kafka Streams applications: epochs, topology, members and their tasks.',
  versions: '0',
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
        'GROUP_ID_NOT_FOUND: no such group, or of another kind. TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.',
      ),
      field('errorMessage', string, { nullable: '0+', default: null }),
      field('groupId', string),
      field(
        'groupState',
        string,
        '`Empty`, `NotReady` while topics are missing, `Assigning`, `Reconciling`, `Stable` or `Dead`.',
      ),
      field('groupEpoch', int32),
      field('assignmentEpoch', int32, 'The group epoch that the target assignment was made for.'),
      nested('topology', 'Topology', { nullable: '0+', default: null }, 'Null with an error.', [
        field('epoch', int32),
        list(
          'subtopologies',
          'Subtopology',
          { nullable: '0+', default: null },
          'Null while source topics are missing or partitioned wrongly.',
          [
            field('subtopologyId', string),
            field('sourceTopics', array(string)),
            field('repartitionSinkTopics', array(string)),
            field('stateChangelogTopics', array(topicInfo)),
            field('repartitionSourceTopics', array(topicInfo)),
          ],
        ),
      ]),
      list('members', 'Member', [
        field('memberId', string),
        field('memberEpoch', int32),
        field('instanceId', string, { nullable: '0+', default: null }),
        field('rackId', string, { nullable: '0+', default: null }),
        field('clientId', string),
        field('clientHost', string),
        field('topologyEpoch', int32, "Below the group's while the member runs an older topology."),
        field('processId', string, 'Members of one process have the same.'),
        field('userEndpoint', endpoint, { nullable: '0+', default: null }),
        field('clientTags', array(keyValue)),
        field('taskOffsets', array(taskOffset)),
        field('taskEndOffsets', array(taskOffset)),
        field('assignment', assignment),
        field('targetAssignment', assignment),
        field('isClassic', bool),
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

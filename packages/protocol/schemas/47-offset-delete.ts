/** OffsetDelete: committed offsets of a group go. */
import { api, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 47,
  name: 'OffsetDelete',
  text: 'Forgets what a group has committed for some partitions (KIP-496), so that they no longer count as its lag.',
  versions: '0',
  flexible: 'none',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    list('topics', 'Topic', [field('name', string), list('partitions', 'Partition', [field('partitionIndex', int32)])]),
  ],
  response: [
    field(
      'errorCode',
      int16,
      'Nothing was deleted: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP (members of a kind whose topics the coordinator cannot know), GROUP_AUTHORIZATION_FAILED, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.',
    ),
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'GROUP_SUBSCRIBED_TO_TOPIC: a member still reads the topic. UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED.',
        ),
      ]),
    ]),
  ],
})

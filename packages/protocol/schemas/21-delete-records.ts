/** DeleteRecords: everything before an offset goes. */
import { api, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 21,
  name: 'DeleteRecords',
  text: 'Moves the log start of partitions forward, at their leaders; older records can no longer be read. The answer waits until the live replicas have followed.',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
  },
  versions: '0-2',
  flexible: '2+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('offset', int64, 'First offset to keep; -1 for the high watermark, which empties the partition.'),
      ]),
    ]),
    field('timeoutMs', int32, "Past it REQUEST_TIMED_OUT, though the leader's own log start has moved."),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('lowWatermark', int64, 'Lowest log start among the live replicas; -1 on error.'),
        field(
          'errorCode',
          int16,
          'OFFSET_OUT_OF_RANGE: beyond the high watermark. POLICY_VIOLATION: the topic is only compacted. Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION. Final: TOPIC_AUTHORIZATION_FAILED.',
        ),
      ]),
    ]),
  ],
})

/** OffsetForLeaderEpoch: where an epoch ends, to find truncated logs. */
import { api, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  text: 'Asks a leader where an epoch ends in its log (KIP-320). A consumer checks its position by it after a change of leader; followers no longer need to ask, since Fetch 12 tells them.',
  notes: {
    3: 'From here the right to describe the topic is enough. Older brokers ask for rights on the cluster below 3, so consumers start at 3.',
  },
  versions: '2-4',
  flexible: '4+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field(
      'replicaId',
      int32,
      { in: '3+', default: -2, ignorable: true },
      '-1 from a consumer, the broker id from a follower.',
    ),
    list('topics', 'Topic', [
      field('topic', string),
      list('partitions', 'Partition', [
        field('partition', int32),
        field(
          'currentLeaderEpoch',
          int32,
          { default: -1, ignorable: true },
          'The epoch the asker believes in: too low is FENCED_LEADER_EPOCH, too high UNKNOWN_LEADER_EPOCH. -1 to skip the check.',
        ),
        field('leaderEpoch', int32, 'Epoch of the last record that the asker has read.'),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field('topic', string),
      list('partitions', 'Partition', [
        field(
          'errorCode',
          int16,
          'Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION. Retry: UNKNOWN_LEADER_EPOCH. Final: TOPIC_AUTHORIZATION_FAILED.',
        ),
        field('partition', int32),
        field(
          'leaderEpoch',
          int32,
          { default: -1, ignorable: true },
          'The latest epoch in the log that is not above the one asked about; -1 when there is none.',
        ),
        field(
          'endOffset',
          int64,
          { default: -1n },
          "The first offset after that epoch. Below the asker's position: records that it has read were truncated. -1 when the leader cannot tell.",
        ),
      ]),
    ]),
  ],
})

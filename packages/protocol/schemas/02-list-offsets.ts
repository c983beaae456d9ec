/** ListOffsets: from a point in time, or an end of the log, to an offset. */
import { api, field, int8, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 2,
  name: 'ListOffsets',
  text: 'Asks leaders which offset belongs to a time, or where their logs begin and end. Consumers reset a lost position by it, and tools count lag.',
  notes: {
    2: 'Under read_committed the end of a log is its last stable offset.',
    3: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    4: 'Leader epochs: the request fences old metadata, the answer gives the epoch of the offset (KIP-320).',
    5: 'A new leader that does not know its high watermark yet says OFFSET_NOT_AVAILABLE. Before that it says LEADER_NOT_AVAILABLE.',
    7: 'Timestamp -3 (KIP-734).',
    8: 'Timestamp -4 (KIP-405).',
    9: 'Timestamp -5 (KIP-1005).',
    10: "A lookup in tiered storage no longer blocks the broker's request thread, and takes timeoutMs at most (KIP-1075).",
    11: 'Timestamp -6 (KIP-1023).',
  },
  versions: '1-11',
  flexible: '6+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field(
      'replicaId',
      int32,
      '-1 from a client. A broker id lifts the bound at the high watermark; so does -2, for debugging, which any replica answers.',
    ),
    field('isolationLevel', int8, { in: '2+' }, '0: the end is the high watermark. 1: it is the last stable offset.'),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'currentLeaderEpoch',
          int32,
          { in: '4+', default: -1, ignorable: true },
          'The epoch the asker believes in; -1 to skip the check.',
        ),
        field(
          'timestamp',
          int64,
          'In ms: the first record at or after that time. Or -1 the end, -2 the beginning, -3 the record with the largest timestamp, -4 the beginning of what is on local disk, -5 the last offset in tiered storage, -6 the first not uploaded there. One that the version does not know: UNSUPPORTED_VERSION.',
        ),
      ]),
    ]),
    field('timeoutMs', int32, { in: '10+', ignorable: true }, 'Bounds a lookup in tiered storage, nothing else.'),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '2+', ignorable: true }),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION. Retry: OFFSET_NOT_AVAILABLE, UNKNOWN_LEADER_EPOCH. A partition given twice: INVALID_REQUEST. Final: TOPIC_AUTHORIZATION_FAILED, UNSUPPORTED_VERSION.',
        ),
        field(
          'timestamp',
          int64,
          { default: -1n },
          'Of the record found. -1 when an end of the log was asked for, or when no record is that late.',
        ),
        field('offset', int64, { default: -1n }, '-1 when no record is that late: not an error.'),
        field(
          'leaderEpoch',
          int32,
          { in: '4+', default: -1 },
          'Of the record at the offset, -1 when unknown. A consumer keeps it with its position to notice truncation.',
        ),
      ]),
    ]),
  ],
})

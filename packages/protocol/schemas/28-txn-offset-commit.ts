/** TxnOffsetCommit: offsets of a group, committed with a transaction. */
import { api, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 28,
  name: 'TxnOffsetCommit',
  text: "Stores offsets that count only when the producer's transaction commits: what was read and what was written for it take effect together. The producer sends it to the coordinator of the group.",
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    2: 'The leader epoch is kept with the offset (KIP-320).',
    3: 'The member is named, so that one that has lost its partitions is refused: ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID (KIP-447).',
    4: 'TRANSACTION_ABORTABLE may be answered (KIP-890).',
    5: "Adds the group's offsets to the transaction, no AddOffsetsToTxn needed (transaction.version 2). Transactions of version 1 must stay at 4 or below.",
  },
  versions: '0-5',
  flexible: '3+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('transactionalId', string),
    field('groupId', string),
    field('producerId', int64),
    field('producerEpoch', int16),
    field(
      'generationId',
      int32,
      { in: '3+', default: -1 },
      "The member's epoch in the consumer protocol. -1 with an empty memberId: nobody is checked, and zombies of the group can commit.",
    ),
    field('memberId', string, { in: '3+' }),
    field('groupInstanceId', string, { in: '3+', nullable: '0+', default: null }, 'Null unless the member is static.'),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('committedOffset', int64, 'The next offset to read, not the last one that was.'),
        field(
          'committedLeaderEpoch',
          int32,
          { in: '2+', default: -1, ignorable: true },
          'Of the last record read; -1 when unknown.',
        ),
        field(
          'committedMetadata',
          string,
          { nullable: '0+' },
          'Free text for the committer, at most offset.metadata.max.bytes (4096). Null is kept as the empty text.',
        ),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'Errors of the whole group stand at every partition. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, REQUEST_TIMED_OUT. Retry: COORDINATOR_LOAD_IN_PROGRESS, CONCURRENT_TRANSACTIONS, UNKNOWN_TOPIC_OR_PARTITION. Abort: ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, TRANSACTION_ABORTABLE, GROUP_AUTHORIZATION_FAILED. Close the producer: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.',
        ),
      ]),
    ]),
  ],
})

/** Produce: record batches on their way to the leaders of their partitions. */
import { api, field, int16, int32, int64, list, nested, records, string, uuid } from '../generate/schema.js'

export default api({
  key: 0,
  name: 'Produce',
  text: 'Appends record batches to partitions that the broker leads. The answer gives, per partition, the offset of the first record, or why the batch was refused.',
  notes: {
    3: 'The lowest that brokers take: batches of magic 2, and the transactional id. They advertise 0 all the same, because old librdkafka would stop compressing otherwise, and refuse 0-2.',
    4: 'KAFKA_STORAGE_ERROR may be answered.',
    5: 'With logStartOffset a producer that is told UNKNOWN_PRODUCER_ID can see whether its records were deleted by age rather than lost.',
    6: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    7: 'zstd is accepted (KIP-110). Before that it is refused with UNSUPPORTED_COMPRESSION_TYPE.',
    8: 'A refused batch says which of its records are at fault (KIP-467).',
    10: 'A broker that no longer leads says who does, and where that broker listens (KIP-951).',
    11: 'TRANSACTION_ABORTABLE: abort, then go on with the same producer (KIP-890).',
    12: 'Writing adds the partition to the transaction, no AddPartitionsToTxn needed (transaction.version 2). Transactions of version 1 must stay at 11 or below.',
    13: 'Topics go by id (KIP-516), so that records meant for a deleted topic cannot land in one of the same name: UNKNOWN_TOPIC_ID.',
  },
  versions: '3-13',
  flexible: '9+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field(
      'transactionalId',
      string,
      { nullable: '0+', default: null },
      'Null outside of transactions. Needed as soon as one batch is transactional, and what the right to write is checked against.',
    ),
    field(
      'acks',
      int16,
      '-1 waits for all in-sync replicas, 1 for the leader only, 0 for nothing: then no response comes at all, and an error shows as a closed connection. Others: INVALID_REQUIRED_ACKS.',
    ),
    field(
      'timeoutMs',
      int32,
      "How long the leader may wait for replicas under acks -1. Past it the answer is REQUEST_TIMED_OUT, though the batch is in the leader's log.",
    ),
    list('topicData', 'TopicData', 'A topic stands here once, and a partition once within it.', [
      field('name', string, { in: '0-12', ignorable: true }),
      field(
        'topicId',
        uuid,
        { in: '13+', ignorable: true },
        'With any id unknown (zero) a client must use version 12, by name.',
      ),
      list('partitionData', 'PartitionData', [
        field('index', int32),
        field(
          'records',
          records,
          { nullable: '0+' },
          'Exactly one batch of magic 2, base offset 0, no control batch: anything else is INVALID_RECORD.',
        ),
      ]),
    ]),
  ],
  response: [
    list('responses', 'Response', [
      field('name', string, { in: '0-12', ignorable: true }),
      field('topicId', uuid, { in: '13+', ignorable: true }),
      list('partitionResponses', 'PartitionResponse', [
        field('index', int32),
        field(
          'errorCode',
          int16,
          'Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, KAFKA_STORAGE_ERROR. Retry: NOT_ENOUGH_REPLICAS (nothing written), NOT_ENOUGH_REPLICAS_AFTER_APPEND and REQUEST_TIMED_OUT (written, so a duplicate without idempotence), CORRUPT_MESSAGE. Split the batch: MESSAGE_TOO_LARGE. Already written, so a success: DUPLICATE_SEQUENCE_NUMBER. Producer state: OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE. Final: INVALID_RECORD, INVALID_TIMESTAMP, TOPIC_AUTHORIZATION_FAILED.',
        ),
        field(
          'baseOffset',
          int64,
          "The offset of the batch's first record, -1 on error. A repeated idempotent batch gets the offset of its first arrival.",
        ),
        field(
          'logAppendTimeMs',
          int64,
          { default: -1n, ignorable: true },
          "The time all records were given, when the topic uses LogAppendTime; -1 when they keep the producer's.",
        ),
        field('logStartOffset', int64, { in: '5+', default: -1n, ignorable: true }, '-1 when unknown.'),
        list(
          'recordErrors',
          'RecordError',
          { in: '8+', ignorable: true },
          'The records because of which the batch was refused; empty when it was not for single records.',
          [
            field('batchIndex', int32, 'Position of the record in its batch, from 0.'),
            field('batchIndexErrorMessage', string, { nullable: '0+', default: null }),
          ],
        ),
        field(
          'errorMessage',
          string,
          { in: '8+', nullable: '0+', default: null, ignorable: true },
          'Null when the code says it all.',
        ),
        nested(
          'currentLeader',
          'CurrentLeader',
          { in: '10+', tag: 0 },
          'Comes with NOT_LEADER_OR_FOLLOWER; believe it only if its epoch is newer than the one already known.',
          [
            field('leaderId', int32, { default: -1 }, '-1 when the broker does not know either.'),
            field('leaderEpoch', int32, { default: -1 }),
          ],
        ),
      ]),
    ]),
    field(
      'throttleTimeMs',
      int32,
      { ignorable: true },
      'Over quota: the answer is valid, but the client must send nothing on this connection for so long.',
    ),
    list(
      'nodeEndpoints',
      'NodeEndpoint',
      { in: '10+', tag: 0 },
      'Addresses of the brokers that currentLeader names, on the listener of this connection.',
      [
        field('nodeId', int32),
        field('host', string),
        field('port', int32),
        field('rack', string, { nullable: '0+', default: null }),
      ],
    ),
  ],
})

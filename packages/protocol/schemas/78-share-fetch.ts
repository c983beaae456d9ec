/** ShareFetch: a share consumer takes records, locked for it for a while, and acknowledges earlier ones. */
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
  records,
  string,
  uuid,
} from '../generate/schema.js'

export default api({
  key: 78,
  name: 'ShareFetch',
  text: 'A share consumer takes records from the leader of a partition and reports on those it took before (KIP-932). Records taken are locked for the member; they go to another one when it releases them or lets the lock run out.',
  notes: {
    2: 'A strict limit on records (KIP-1206) and renewal of locks (KIP-1222).',
  },
  versions: '1-2',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field('groupId', string, { nullable: '0+', default: null }),
    field(
      'memberId',
      string,
      { nullable: '0+' },
      'As in the heartbeat. With the group it names the share session, of which each broker keeps its own.',
    ),
    field(
      'shareSessionEpoch',
      int32,
      '0 opens a session and may not acknowledge anything; -1 closes it and releases what is still locked. In between it rises by 1 with every request, and 1 follows 2147483647.',
    ),
    field('maxWaitMs', int32),
    field('minBytes', int32),
    field('maxBytes', int32, { default: 2147483647 }, 'Not strict: the first batch comes whole.'),
    field('maxRecords', int32, 'Not strict in acquire mode 0, where whole batches are locked.'),
    field('batchSize', int32, 'Into how large ranges the broker should cut `acquiredRecords`.'),
    field(
      'shareAcquireMode',
      int8,
      { in: '2+', ignorable: true },
      '0 locks whole batches, 1 stops exactly at `maxRecords`.',
    ),
    field(
      'isRenewAck',
      bool,
      { in: '2+' },
      'True when `topics` hold acknowledgements of type 4. Such a request fetches nothing: `maxWaitMs`, `minBytes`, `maxBytes` and `maxRecords` must be 0.',
    ),
    list(
      'topics',
      'Topic',
      'Partitions to add to the session, and those with acknowledgements. Others of the session are fetched without being named.',
      [
        field('topicId', uuid),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          list('acknowledgementBatches', 'AcknowledgementBatch', [
            field('firstOffset', int64),
            field('lastOffset', int64, 'Inclusive.'),
            field(
              'acknowledgeTypes',
              array(int8),
              'One for the whole range, or one for each offset. 0: no record there. 1: accepted. 2: released, to be delivered again. 3: rejected, never to be delivered again. 4: renews the lock.',
            ),
          ]),
        ]),
      ],
    ),
    list('forgottenTopicsData', 'ForgottenTopicsData', 'Partitions to take out of the session.', [
      field('topicId', uuid),
      field('partitions', array(int32)),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH: open a new session with epoch 0. SHARE_SESSION_LIMIT_REACHED: wait and open it again. GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('acquisitionLockTimeoutMs', int32, 'How long the records stay locked, from this response on.'),
    list('responses', 'Response', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'Of the fetch. FENCED_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`. UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION: refresh metadata. TOPIC_AUTHORIZATION_FAILED, KAFKA_STORAGE_ERROR, CORRUPT_MESSAGE.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
        field(
          'acknowledgeErrorCode',
          int16,
          'Of the acknowledgements, with the same codes, and INVALID_RECORD_STATE when the member no longer holds the lock on one of the records.',
        ),
        field('acknowledgeErrorMessage', string, { nullable: '0+', default: null }),
        nested('currentLeader', 'CurrentLeader', 'Filled with the first two of those codes; both fields 0 otherwise.', [
          field('leaderId', int32, '-1 when unknown.'),
          field('leaderEpoch', int32),
        ]),
        field(
          'records',
          records,
          { nullable: '0' },
          'Whole batches, also with records that are locked for others: deliver only what `acquiredRecords` names.',
        ),
        list('acquiredRecords', 'AcquiredRecord', [
          field('firstOffset', int64),
          field('lastOffset', int64, 'Inclusive.'),
          field(
            'deliveryCount',
            int16,
            '1 the first time. At group.share.delivery.count.limit a record is archived instead of delivered again.',
          ),
        ]),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', 'Where the leaders named above can be reached.', [
      field('nodeId', int32),
      field('host', string),
      field('port', int32),
      field('rack', string, { nullable: '0+', default: null }),
    ]),
  ],
})

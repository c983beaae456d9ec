/** ShareAcknowledge: a share consumer reports on records without fetching more. */
import { api, array, bool, field, int8, int16, int32, int64, list, nested, string, uuid } from '../generate/schema.js'

export default api({
  key: 79,
  name: 'ShareAcknowledge',
  text: 'Reports on records taken with ShareFetch without taking more, as a consumer does that closes or commits.',
  notes: {
    2: 'Renewal of locks (KIP-1222).',
  },
  versions: '1-2',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field('groupId', string, { nullable: '0+', default: null }),
    field('memberId', string, { nullable: '0+' }),
    field(
      'shareSessionEpoch',
      int32,
      'Counts on together with ShareFetch. 0 is refused, for only ShareFetch opens a session; -1 closes it.',
    ),
    field('isRenewAck', bool, { in: '2+' }, 'True when `topics` hold acknowledgements of type 4.'),
    list('topics', 'Topic', [
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
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH: the session is gone, and with it the locks. GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST.',
    ),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('acquisitionLockTimeoutMs', int32, { in: '2+', ignorable: true }, 'For locks that were renewed.'),
    list('responses', 'Response', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'INVALID_RECORD_STATE: the member no longer holds the lock on one of the records. FENCED_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`. UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, KAFKA_STORAGE_ERROR.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
        nested('currentLeader', 'CurrentLeader', [
          field('leaderId', int32, '-1 when unknown.'),
          field('leaderEpoch', int32),
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

/** DescribeProducers: what a partition's leader remembers of idempotent producers. */
import { api, array, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 61,
  name: 'DescribeProducers',
  text: 'Shows what the leader of a partition remembers of its idempotent and transactional producers; a way to find transactions that hang and hold back the last stable offset (KIP-664).',
  versions: '0',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [list('topics', 'Topic', [field('name', string), field('partitionIndexes', array(int32))])],
  response: [
    field('throttleTimeMs', int32),
    list('topics', 'Topic', [
      field('name', string),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION: refresh metadata. TOPIC_AUTHORIZATION_FAILED without READ on the topic.',
        ),
        field('errorMessage', string, { nullable: '0+', default: null }),
        list(
          'activeProducers',
          'ActiveProducer',
          'Producers that wrote within producer.id.expiration.ms or have a transaction open.',
          [
            field('producerId', int64),
            field('producerEpoch', int32),
            field('lastSequence', int32, { default: -1 }, 'Of the last record written; -1 when none is known.'),
            field('lastTimestamp', int64, { default: -1n }, 'Of the last batch written; -1 when none is known.'),
            field('coordinatorEpoch', int32, 'From the last transaction marker; -1 before the first.'),
            field(
              'currentTxnStartOffset',
              int64,
              { default: -1n },
              'Where the open transaction began in this partition; -1 when none is open.',
            ),
          ],
        ),
      ]),
    ]),
  ],
})

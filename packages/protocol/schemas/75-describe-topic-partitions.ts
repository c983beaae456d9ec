/** DescribeTopicPartitions: topics and their partitions, page by page. */
import { api, array, bool, field, int16, int32, list, nested, string, uuid } from '../generate/schema.js'

export default api({
  key: 75,
  name: 'DescribeTopicPartitions',
  text: 'Describes topics page by page, for topics with more partitions than fit one response, and with the eligible leader replicas that Metadata does not show (KIP-966). Topics come sorted by name.',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    list('topics', 'Topic', 'Empty asks for every topic that the caller may describe.', [field('name', string)]),
    field(
      'responsePartitionLimit',
      int32,
      { default: 2000 },
      'The broker allows no more than its max.request.partition.size.limit, 2000 by default.',
    ),
    nested(
      'cursor',
      'Cursor',
      { nullable: '0+', default: null },
      'Null begins at the first topic; otherwise `nextCursor` of the response before. Its topic must be in `topics` unless that is empty.',
      [field('topicName', string), field('partitionIndex', int32)],
    ),
  ],
  response: [
    field('throttleTimeMs', int32, { ignorable: true }),
    list('topics', 'Topic', [
      field(
        'errorCode',
        int16,
        'UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION. TOPIC_AUTHORIZATION_FAILED for topics that the request names; these come last.',
      ),
      field('name', string, { nullable: '0+' }),
      field('topicId', uuid, { ignorable: true }, 'Zero with an error.'),
      field('isInternal', bool, { ignorable: true }),
      list('partitions', 'Partition', [
        field(
          'errorCode',
          int16,
          'LEADER_NOT_AVAILABLE: no leader now. LISTENER_NOT_FOUND: the leader lacks the listener of this connection.',
        ),
        field('partitionIndex', int32),
        field('leaderId', int32, '-1 without a leader.'),
        field('leaderEpoch', int32, { default: -1, ignorable: true }),
        field('replicaNodes', array(int32)),
        field('isrNodes', array(int32)),
        field(
          'eligibleLeaderReplicas',
          array(int32),
          { nullable: '0+', default: null },
          'Out of the ISR, but with every committed record, so that they may lead without loss (KIP-966).',
        ),
        field(
          'lastKnownElr',
          array(int32),
          { nullable: '0+', default: null },
          'The last leader, once ISR and ELR are empty: it may lead again when it is back.',
        ),
        field(
          'offlineReplicas',
          array(int32),
          { ignorable: true },
          'On brokers that are down or in directories that failed.',
        ),
      ]),
      field('topicAuthorizedOperations', int32, { default: -2147483648 }, 'Bit n stands for ACL operation n.'),
    ]),
    nested(
      'nextCursor',
      'NextCursor',
      { nullable: '0+', default: null },
      'Null on the last page. Otherwise where the next request goes on; the topic it names may have begun on this page.',
      [field('topicName', string), field('partitionIndex', int32)],
    ),
  ],
})

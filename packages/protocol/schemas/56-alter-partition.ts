/** AlterPartition: a partition's leader changes its in-sync replicas through the controller. */
import { api, array, field, int8, int16, int32, int64, list, uuid } from '../generate/schema.js'

export default api({
  key: 56,
  name: 'AlterPartition',
  text: 'The leader of a partition asks the controller to shrink or grow the set of in-sync replicas. It is a compare-and-set on the partition epoch; the answer is the state that the controller has written.',
  notes: {
    2: 'Topics by id (KIP-841); a replica that is fenced or shutting down cannot join the ISR, see INELIGIBLE_REPLICA.',
    3: 'Every new member of the ISR comes with its broker epoch (KIP-903), so that one that restarted in between is not let in.',
  },
  versions: '2-3',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('brokerId', int32),
    field(
      'brokerEpoch',
      int64,
      { default: -1n },
      'From BrokerRegistration. An old one gets STALE_BROKER_EPOCH: a former life of the broker asks.',
    ),
    list('topics', 'Topic', [
      field('topicId', uuid, { ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('leaderEpoch', int32),
        field('newIsr', array(int32), { in: '0-2' }, 'The whole set wanted, not a difference.'),
        list('newIsrWithEpochs', 'NewIsrWithEpoch', { in: '3+' }, 'As `newIsr`.', [
          field('brokerId', int32),
          field('brokerEpoch', int64, { default: -1n }, '-1 when the leader does not know it: then it is not checked.'),
        ]),
        field(
          'leaderRecoveryState',
          int8,
          '1 while the leader repairs the log after an unclean election; only it alone may be in the ISR then. Otherwise 0.',
        ),
        field(
          'partitionEpoch',
          int32,
          'The epoch that the change is based on: INVALID_UPDATE_VERSION when the controller is past it.',
        ),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'STALE_BROKER_EPOCH, NOT_CONTROLLER, CLUSTER_AUTHORIZATION_FAILED.'),
    list('topics', 'Topic', [
      field('topicId', uuid, { ignorable: true }),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field(
          'errorCode',
          int16,
          'FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION: another change came first. NOT_CONTROLLER: the leader is ahead of this controller. INELIGIBLE_REPLICA: a member may not join. NEW_LEADER_ELECTED: done, but someone else leads now. UNKNOWN_TOPIC_ID: deleted.',
        ),
        field('leaderId', int32),
        field('leaderEpoch', int32),
        field('isr', array(int32)),
        field(
          'leaderRecoveryState',
          int8,
          { ignorable: true },
          '1 after an unclean election until the leader reports recovery, otherwise 0.',
        ),
        field('partitionEpoch', int32),
      ]),
    ]),
  ],
})

/** WriteTxnMarkers: the end of a transaction is written into its partitions. */
import { api, array, bool, field, int8, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 27,
  name: 'WriteTxnMarkers',
  text: 'Makes leaders append a commit or abort marker. Sent by the transaction coordinator after EndTxn or a timeout, and by an operator to end a transaction that hangs (KIP-664).',
  notes: {
    2: "The leader can tell how the marker's epoch has to compare with the producer's (KIP-1228).",
  },
  versions: '1-2',
  flexible: '1+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    list('markers', 'Marker', [
      field('producerId', int64),
      field(
        'producerEpoch',
        int16,
        "Compared with the producer's epoch in the partition as transactionVersion says; too low is INVALID_PRODUCER_EPOCH.",
      ),
      field('transactionResult', bool, 'True commits, false aborts.'),
      list('topics', 'Topic', [field('name', string), field('partitionIndexes', array(int32))]),
      field('coordinatorEpoch', int32, 'Below what a partition has seen: TRANSACTION_COORDINATOR_FENCED.'),
      field(
        'transactionVersion',
        int8,
        { in: '2+', ignorable: true },
        '2: the epoch was raised for the marker, so must be above that of the records. 0 and 1: may be equal.',
      ),
    ]),
  ],
  response: [
    list('markers', 'Marker', [
      field('producerId', int64),
      list('topics', 'Topic', [
        field('name', string),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          field(
            'errorCode',
            int16,
            'Retried without end by the coordinator: NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT and the like. Given up: TRANSACTION_COORDINATOR_FENCED, INVALID_PRODUCER_EPOCH. To a sender without rights on the cluster: CLUSTER_AUTHORIZATION_FAILED.',
          ),
        ]),
      ]),
    ]),
  ],
})

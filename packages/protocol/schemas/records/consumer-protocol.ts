/** What consumers of classic groups put into the opaque bytes of JoinGroup and SyncGroup. */
import { array, bytes, field, int32, list, type RecordType, record, string } from '../../generate/schema.js'

const consumerProtocol: readonly RecordType[] = [
  record({
    name: 'ConsumerProtocolSubscription',
    text: 'What a consumer tells the leader of its classic group, as protocol metadata of JoinGroup. Newer versions only add fields at the end: a reader takes what it knows and leaves the rest.',
    notes: {
      1: 'Owned partitions, so that cooperative assignors can leave them where they are (KIP-429).',
      2: 'The generation these are from, so that a claim of the past loses against a newer one (KIP-792).',
      3: 'The rack, for assigning near replicas (KIP-881).',
    },
    kind: 'data',
    versions: '0-3',
    flexible: 'none',
    fields: [
      field('topics', array(string), 'A set: no order is meant.'),
      field('userData', bytes, { nullable: '0+', default: null }, "The assignor's own."),
      list(
        'ownedPartitions',
        'OwnedPartition',
        { in: '1+', ignorable: true },
        'Empty for assignors that revoke everything first.',
        [field('topic', string), field('partitions', array(int32))],
      ),
      field(
        'generationId',
        int32,
        { in: '2+', default: -1, ignorable: true },
        '-1 when the consumer has been in none.',
      ),
      field('rackId', string, { in: '3+', nullable: '0+', default: null, ignorable: true }),
    ],
  }),
  record({
    name: 'ConsumerProtocolAssignment',
    text: "What the leader of a classic group gives a member, as assignment of SyncGroup. All versions have the same fields; the number follows ConsumerProtocolSubscription's.",
    kind: 'data',
    versions: '0-3',
    flexible: 'none',
    fields: [
      list('assignedPartitions', 'AssignedPartition', [field('topic', string), field('partitions', array(int32))]),
      field('userData', bytes, { nullable: '0+', default: null }, "The assignor's own."),
    ],
  }),
]

export default consumerProtocol

import { array, bytes, field, int32, list, type RecordType, record, string } from '../../generate/schema.js'

const consumerProtocol: readonly RecordType[] = [
  record({
    name: 'ConsumerProtocolSubscription',
    text: '',
    kind: 'data',
    versions: '0-3',
    flexible: 'none',
    fields: [
      field('topics', array(string)),
      field('userData', bytes, { nullable: '0+', default: null }),
      list('ownedPartitions', 'OwnedPartition', { in: '1+', ignorable: true }, [
        field('topic', string),
        field('partitions', array(int32)),
      ]),
      field('generationId', int32, { in: '2+', default: -1, ignorable: true }),
      field('rackId', string, { in: '3+', nullable: '0+', default: null, ignorable: true }),
    ],
  }),
  record({
    name: 'ConsumerProtocolAssignment',
    text: '',
    kind: 'data',
    versions: '0-3',
    flexible: 'none',
    fields: [
      list('assignedPartitions', 'AssignedPartition', [field('topic', string), field('partitions', array(int32))]),
      field('userData', bytes, { nullable: '0+', default: null }),
    ],
  }),
]

export default consumerProtocol

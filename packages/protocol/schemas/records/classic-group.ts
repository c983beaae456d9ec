/** Records of `__consumer_offsets`: committed offsets of all groups, and the state of classic groups. */
import {
  array,
  bytes,
  field,
  int32,
  int64,
  type RecordType,
  record,
  string,
  struct,
  uuid,
} from '../../generate/schema.js'

const memberMetadata = struct('MemberMetadata', [
  field('memberId', string),
  field(
    'groupInstanceId',
    string,
    { in: '3+', nullable: '0+', default: null, ignorable: true },
    'Null for a dynamic member.',
  ),
  field('clientId', string),
  field('clientHost', string),
  field(
    'rebalanceTimeout',
    int32,
    { in: '1+', default: -1, ignorable: true },
    'In ms; without it the session timeout serves for both.',
  ),
  field('sessionTimeout', int32, 'In ms.'),
  field(
    'subscription',
    bytes,
    'What the member sent in JoinGroup for the chosen protocol; of a consumer, a ConsumerProtocolSubscription.',
  ),
  field('assignment', bytes, 'What the leader gave it in SyncGroup; of a consumer, a ConsumerProtocolAssignment.'),
])

const classicGroup: readonly RecordType[] = [
  record({
    name: 'OffsetCommitKey',
    text: 'Names one committed offset. With a null value the offset is gone: it expired, or it, its group or its topic was deleted.',
    kind: 'coordinator-key',
    id: 1,
    versions: '0',
    flexible: 'none',
    fields: [field('group', string), field('topic', string), field('partition', int32)],
  }),
  record({
    name: 'OffsetCommitValue',
    text: 'An offset that a group committed: the position of the next record to read. One committed in a transaction lies in a batch of its producer and counts only after a commit marker.',
    notes: {
      1: 'Commits that set a retention of their own; still used for these alone.',
      2: 'Offsets live as long as the group, then for offsets.retention.minutes (KIP-211).',
      3: 'The leader epoch tells a consumer whether the log was truncated below its position (KIP-320).',
      4: 'From here on only tagged fields are added, which older brokers pass over (KIP-915).',
    },
    kind: 'coordinator-value',
    id: 1,
    versions: '0-4',
    flexible: '4+',
    fields: [
      field('offset', int64),
      field(
        'leaderEpoch',
        int32,
        { in: '3+', default: -1, ignorable: true },
        'Of the last record read; -1 when the consumer did not say.',
      ),
      field('metadata', string, "The consumer's own; empty when it sent none."),
      field('commitTimestamp', int64, 'When the coordinator took the commit.'),
      field('expireTimestamp', int64, { in: '1', default: -1n, ignorable: true }, '-1: no retention of its own.'),
      field('topicId', uuid, { in: '4+', ignorable: true, tag: 0 }, 'Zero when unknown.'),
    ],
  }),
  record({
    name: 'LegacyOffsetCommitKey',
    text: 'OffsetCommitKey under its first number: still read, no longer written. A null value takes the offset away.',
    kind: 'coordinator-key',
    id: 0,
    versions: '0',
    flexible: 'none',
    fields: [field('group', string), field('topic', string), field('partition', int32)],
  }),
  record({
    name: 'LegacyOffsetCommitValue',
    text: 'A committed offset of the first brokers that kept offsets in a topic: still read, no longer written.',
    kind: 'coordinator-value',
    id: 0,
    versions: '0',
    flexible: 'none',
    fields: [field('offset', int64), field('metadata', string), field('commitTimestamp', int64)],
  }),
  record({
    name: 'GroupMetadataKey',
    text: 'Names a classic group. With a null value the group is gone, as one is that is deleted, or empty and without offsets.',
    kind: 'coordinator-key',
    id: 2,
    versions: '0',
    flexible: 'none',
    fields: [field('group', string)],
  }),
  record({
    name: 'GroupMetadataValue',
    text: 'A classic group as it stands after a rebalance. It is written before the members hear of their assignments, so that the next coordinator goes on with the same generation.',
    notes: {
      3: 'Static members (KIP-345). Kafka still writes this version.',
      4: 'From here on only tagged fields are added, which older brokers pass over (KIP-915).',
    },
    kind: 'coordinator-value',
    id: 2,
    versions: '0-4',
    flexible: '4+',
    fields: [
      field(
        'protocolType',
        string,
        "`consumer` for consumers, `connect` for Connect's workers; empty when the group only commits offsets.",
      ),
      field('generation', int32, 'Rises by 1 with every rebalance; 0 before the first.'),
      field('protocol', string, { nullable: '0+' }, 'The assignor chosen; null when the group is empty.'),
      field('leader', string, { nullable: '0+' }, 'A member id; null when the group is empty.'),
      field(
        'currentStateTimestamp',
        int64,
        { in: '2+', default: -1n, ignorable: true },
        "When the group entered its state; the retention of an empty group's offsets counts from then on. -1 when unknown.",
      ),
      field('members', array(memberMetadata)),
    ],
  }),
]

export default classicGroup

/**
 * Keys and values of control batches: transaction markers, and what Raft writes into the metadata log and its
 * snapshots.
 */
import {
  array,
  field,
  int16,
  int32,
  int64,
  list,
  nested,
  type RecordType,
  record,
  string,
  struct,
  uint16,
  uuid,
} from '../../generate/schema.js'

const voter = struct('Voter', [field('voterId', int32), field('voterDirectoryId', uuid, { in: '1+' })])

const controlRecords: readonly RecordType[] = [
  record({
    name: 'ControlRecordTypeSchema',
    text: 'The key of every control record. A consumer steps over types that it does not know.',
    kind: 'data',
    versions: '0',
    flexible: 'none',
    fields: [
      field(
        'type',
        int16,
        '0 abort, 1 commit, 2 leader change, 3 snapshot header, 4 snapshot footer, 5 kraft.version, 6 voters.',
      ),
    ],
  }),
  record({
    name: 'EndTxnMarker',
    text: "The value of an abort or commit marker, which ends a producer's transaction in one partition; which of the two, and whose, stands in the key and in the batch's header.",
    kind: 'data',
    versions: '0',
    flexible: 'none',
    fields: [
      field(
        'coordinatorEpoch',
        int32,
        'The leader epoch of the partition of `__transaction_state` that the coordinator leads. A marker with a lower one than the last is refused with TRANSACTION_COORDINATOR_FENCED.',
      ),
    ],
  }),
  record({
    name: 'LeaderChangeMessage',
    text: 'The first record of every epoch of the metadata log. Once it is committed, so is everything before it: records of earlier epochs count as committed only through it.',
    notes: {
      1: 'Directory ids of the voters (KIP-853).',
    },
    kind: 'self-versioned',
    versions: '0-1',
    flexible: '0+',
    fields: [
      field(
        'version',
        int16,
        'Which version the message is written in. The other records of Raft say it in the same way.',
      ),
      field('leaderId', int32),
      field('voters', array(voter)),
      field('grantingVoters', array(voter), 'Those who elected the leader, itself among them.'),
    ],
  }),
  record({
    name: 'SnapshotHeaderRecord',
    text: 'The first record of a snapshot of the metadata log.',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [
      field('version', int16),
      field('lastContainedLogTimestamp', int64, 'Append time of the newest record that the snapshot stands for.'),
    ],
  }),
  record({
    name: 'SnapshotFooterRecord',
    text: 'The last record of a snapshot: without it the snapshot is incomplete.',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [field('version', int16)],
  }),
  record({
    name: 'KRaftVersionRecord',
    text: 'Sets kraft.version for the log from here on.',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [
      field('version', int16),
      field(
        'kRaftVersion',
        int16,
        '0: the configuration of each controller names the voters. 1: the log does (KIP-853).',
      ),
    ],
  }),
  record({
    name: 'VotersRecord',
    text: 'The whole set of voters from here on. A replica goes by it as soon as it is in its log, committed or not.',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [
      field('version', int16),
      list('voters', 'Voter', [
        field('voterId', int32),
        field('voterDirectoryId', uuid),
        list('endpoints', 'Endpoint', 'One for every listener of the controller.', [
          field('name', string),
          field('host', string),
          field('port', uint16),
        ]),
        nested('kRaftVersionFeature', 'KRaftVersionFeature', 'Which kraft.version the voter can work with.', [
          field('minSupportedVersion', int16),
          field('maxSupportedVersion', int16),
        ]),
      ]),
    ],
  }),
]

export default controlRecords

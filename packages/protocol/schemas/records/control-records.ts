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
    text: '',
    kind: 'data',
    versions: '0',
    flexible: 'none',
    fields: [field('type', int16)],
  }),
  record({
    name: 'EndTxnMarker',
    text: '',
    kind: 'data',
    versions: '0',
    flexible: 'none',
    fields: [field('coordinatorEpoch', int32)],
  }),
  record({
    name: 'LeaderChangeMessage',
    text: '',
    kind: 'self-versioned',
    versions: '0-1',
    flexible: '0+',
    fields: [
      field('version', int16),
      field('leaderId', int32),
      field('voters', array(voter)),
      field('grantingVoters', array(voter)),
    ],
  }),
  record({
    name: 'SnapshotHeaderRecord',
    text: '',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [field('version', int16), field('lastContainedLogTimestamp', int64)],
  }),
  record({
    name: 'SnapshotFooterRecord',
    text: '',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [field('version', int16)],
  }),
  record({
    name: 'KRaftVersionRecord',
    text: '',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [field('version', int16), field('kRaftVersion', int16)],
  }),
  record({
    name: 'VotersRecord',
    text: '',
    kind: 'self-versioned',
    versions: '0',
    flexible: '0+',
    fields: [
      field('version', int16),
      list('voters', 'Voter', [
        field('voterId', int32),
        field('voterDirectoryId', uuid),
        list('endpoints', 'Endpoint', [field('name', string), field('host', string), field('port', uint16)]),
        nested('kRaftVersionFeature', 'KRaftVersionFeature', [
          field('minSupportedVersion', int16),
          field('maxSupportedVersion', int16),
        ]),
      ]),
    ],
  }),
]

export default controlRecords

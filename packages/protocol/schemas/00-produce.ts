import { api, field, int16, int32, int64, list, nested, records, string, uuid } from '../generate/schema.js'

export default api({
  key: 0,
  name: 'Produce',
  text: '',
  versions: '3-13',
  flexible: '9+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field('transactionalId', string, { nullable: '0+', default: null }),
    field('acks', int16),
    field('timeoutMs', int32),
    list('topicData', 'TopicData', [
      field('name', string, { in: '0-12', ignorable: true }),
      field('topicId', uuid, { in: '13+', ignorable: true }),
      list('partitionData', 'PartitionData', [field('index', int32), field('records', records, { nullable: '0+' })]),
    ]),
  ],
  response: [
    list('responses', 'Response', [
      field('name', string, { in: '0-12', ignorable: true }),
      field('topicId', uuid, { in: '13+', ignorable: true }),
      list('partitionResponses', 'PartitionResponse', [
        field('index', int32),
        field('errorCode', int16),
        field('baseOffset', int64),
        field('logAppendTimeMs', int64, { default: -1n, ignorable: true }),
        field('logStartOffset', int64, { in: '5+', default: -1n, ignorable: true }),
        list('recordErrors', 'RecordError', { in: '8+', ignorable: true }, [
          field('batchIndex', int32),
          field('batchIndexErrorMessage', string, { nullable: '0+', default: null }),
        ]),
        field('errorMessage', string, { in: '8+', nullable: '0+', default: null, ignorable: true }),
        nested('currentLeader', 'CurrentLeader', { in: '10+', tag: 0 }, [
          field('leaderId', int32, { default: -1 }),
          field('leaderEpoch', int32, { default: -1 }),
        ]),
      ]),
    ]),
    field('throttleTimeMs', int32, { ignorable: true }),
    list('nodeEndpoints', 'NodeEndpoint', { in: '10+', tag: 0 }, [
      field('nodeId', int32),
      field('host', string),
      field('port', int32),
      field('rack', string, { nullable: '0+', default: null }),
    ]),
  ],
})

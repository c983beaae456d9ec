import { api, array, bool, field, int8, int16, int32, int64, list, nested, string, uuid } from '../generate/schema.js'

export default api({
  key: 79,
  name: 'ShareAcknowledge',
  text: '',
  versions: '1-2',
  flexible: '0+',
  sentTo: 'leader',
  listeners: ['broker'],
  request: [
    field('groupId', string, { nullable: '0+', default: null }),
    field('memberId', string, { nullable: '0+' }),
    field('shareSessionEpoch', int32),
    field('isRenewAck', bool, { in: '2+' }),
    list('topics', 'Topic', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        list('acknowledgementBatches', 'AcknowledgementBatch', [
          field('firstOffset', int64),
          field('lastOffset', int64),
          field('acknowledgeTypes', array(int8)),
        ]),
      ]),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+', default: null }),
    field('acquisitionLockTimeoutMs', int32, { in: '2+', ignorable: true }),
    list('responses', 'Response', [
      field('topicId', uuid),
      list('partitions', 'Partition', [
        field('partitionIndex', int32),
        field('errorCode', int16),
        field('errorMessage', string, { nullable: '0+', default: null }),
        nested('currentLeader', 'CurrentLeader', [field('leaderId', int32), field('leaderEpoch', int32)]),
      ]),
    ]),
    list('nodeEndpoints', 'NodeEndpoint', [
      field('nodeId', int32),
      field('host', string),
      field('port', int32),
      field('rack', string, { nullable: '0+', default: null }),
    ]),
  ],
})

import { api, bytes, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 14,
  name: 'SyncGroup',
  text: '',
  versions: '0-5',
  flexible: '4+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('generationId', int32),
    field('memberId', string),
    field('groupInstanceId', string, { in: '3+', nullable: '0+', default: null }),
    field('protocolType', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    field('protocolName', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    list('assignments', 'Assignment', [field('memberId', string), field('assignment', bytes)]),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field('errorCode', int16),
    field('protocolType', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    field('protocolName', string, { in: '5+', nullable: '0+', default: null, ignorable: true }),
    field('assignment', bytes),
  ],
})

import { api, field, int16, int32, string } from '../generate/schema.js'

export default api({
  key: 12,
  name: 'Heartbeat',
  text: '',
  versions: '0-4',
  flexible: '4+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [
    field('groupId', string),
    field('generationId', int32),
    field('memberId', string),
    field('groupInstanceId', string, { in: '3+', nullable: '0+', default: null }),
  ],
  response: [field('throttleTimeMs', int32, { in: '1+', ignorable: true }), field('errorCode', int16)],
})

import { api, bytes, field, int16 } from '../generate/schema.js'

export default api({
  key: 58,
  name: 'Envelope',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['controller'],
  request: [
    field('requestData', bytes),
    field('requestPrincipal', bytes, { nullable: '0+' }),
    field('clientHostAddress', bytes),
  ],
  response: [field('responseData', bytes, { nullable: '0+', default: null }), field('errorCode', int16)],
})

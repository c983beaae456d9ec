import { api, array, field, int16, string } from '../generate/schema.js'

export default api({
  key: 17,
  name: 'SaslHandshake',
  text: '',
  versions: '0-1',
  flexible: 'none',
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: [field('mechanism', string)],
  response: [field('errorCode', int16), field('mechanisms', array(string))],
})

import { api, array, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 74,
  name: 'ListConfigResources',
  text: '',
  versions: '0-1',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [field('resourceTypes', array(int8), { in: '1+' })],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    list('configResources', 'ConfigResource', [
      field('resourceName', string),
      field('resourceType', int8, { in: '1+', default: 16, ignorable: true }),
    ]),
  ],
})

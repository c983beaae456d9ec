import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 30,
  name: 'CreateAcls',
  text: '',
  versions: '1-3',
  flexible: '2+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('creations', 'Creation', [
      field('resourceType', int8),
      field('resourceName', string),
      field('resourcePatternType', int8, { default: 3 }),
      field('principal', string),
      field('host', string),
      field('operation', int8),
      field('permissionType', int8),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [field('errorCode', int16), field('errorMessage', string, { nullable: '0+' })]),
  ],
})

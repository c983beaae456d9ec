import { api, bool, field, float64, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 49,
  name: 'AlterClientQuotas',
  text: '',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('entries', 'Entry', [
      list('entity', 'Entity', [field('entityType', string), field('entityName', string, { nullable: '0+' })]),
      list('ops', 'Op', [field('key', string), field('value', float64), field('remove', bool)]),
    ]),
    field('validateOnly', bool),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('entries', 'Entry', [
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
      list('entity', 'Entity', [field('entityType', string), field('entityName', string, { nullable: '0+' })]),
    ]),
  ],
})

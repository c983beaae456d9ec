import { api, bool, field, float64, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 48,
  name: 'DescribeClientQuotas',
  text: '',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    list('components', 'Component', [
      field('entityType', string),
      field('matchType', int8),
      field('match', string, { nullable: '0+' }),
    ]),
    field('strict', bool),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    list('entries', 'Entry', { nullable: '0+' }, [
      list('entity', 'Entity', [field('entityType', string), field('entityName', string, { nullable: '0+' })]),
      list('values', 'Value', [field('key', string), field('value', float64)]),
    ]),
  ],
})

import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 16,
  name: 'ListGroups',
  text: '',
  versions: '0-5',
  flexible: '3+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [field('statesFilter', array(string), { in: '4+' }), field('typesFilter', array(string), { in: '5+' })],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field('errorCode', int16),
    list('groups', 'Group', [
      field('groupId', string),
      field('protocolType', string),
      field('groupState', string, { in: '4+', ignorable: true }),
      field('groupType', string, { in: '5+', ignorable: true }),
    ]),
  ],
})

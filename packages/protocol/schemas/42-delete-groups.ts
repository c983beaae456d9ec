import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 42,
  name: 'DeleteGroups',
  text: '',
  versions: '0-2',
  flexible: '2+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groupsNames', array(string))],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [field('groupId', string), field('errorCode', int16)]),
  ],
})

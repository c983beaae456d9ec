/** DeleteGroups: groups without members go, with their offsets. */
import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 42,
  name: 'DeleteGroups',
  text: 'Deletes groups of any kind, and the offsets they committed, at their coordinator (KIP-229).',
  notes: {
    1: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
  },
  versions: '0-2',
  flexible: '2+',
  sentTo: 'group',
  listeners: ['broker'],
  request: [field('groupsNames', array(string), 'All with this broker as their coordinator.')],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('groupId', string),
      field(
        'errorCode',
        int16,
        'NON_EMPTY_GROUP: it has members. GROUP_ID_NOT_FOUND. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS. Final: GROUP_AUTHORIZATION_FAILED.',
      ),
    ]),
  ],
})

/** ListGroups: the groups that one broker coordinates. */
import { api, array, field, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 16,
  name: 'ListGroups',
  text: "Lists groups of every kind, those of the asked broker only: to see the whole cluster's, ask each broker.",
  notes: {
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    4: 'States, shown and filtered by (KIP-518).',
    5: 'Types, shown and filtered by (KIP-848).',
  },
  versions: '0-5',
  flexible: '3+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [
    field('statesFilter', array(string), { in: '4+' }, 'Names of states, in any case; empty for all.'),
    field('typesFilter', array(string), { in: '5+' }, 'classic, consumer, share, streams, in any case; empty for all.'),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field(
      'errorCode',
      int16,
      'COORDINATOR_LOAD_IN_PROGRESS or COORDINATOR_NOT_AVAILABLE: the list is not complete, retry.',
    ),
    list('groups', 'Group', 'Without those that the caller may not describe.', [
      field('groupId', string),
      field('protocolType', string, '"consumer", "connect", …; empty for a group that only holds offsets.'),
      field('groupState', string, { in: '4+', ignorable: true }),
      field('groupType', string, { in: '5+', ignorable: true }),
    ]),
  ],
})

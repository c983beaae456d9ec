/** AlterClientQuotas: sets and removes quotas of users, client ids and addresses. */
import { api, bool, field, float64, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 49,
  name: 'AlterClientQuotas',
  text: 'Sets and removes quotas of users, client ids and IP addresses. The controller treats every entry by itself: one may fail while the others take effect.',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('entries', 'Entry', [
      list('entity', 'Entity', 'One user, one client id, both, or one address; each type once.', [
        field('entityType', string),
        field('entityName', string, { nullable: '0+' }, 'Null means the default entity of the type.'),
      ]),
      list('ops', 'Op', [
        field('key', string),
        field(
          'value',
          float64,
          "Bytes a second, percent of a thread's time, mutations or connections a second, by key. Not looked at when `remove` is true.",
        ),
        field('remove', bool, 'True takes the key away, so that the next less specific quota holds.'),
      ]),
    ]),
    field('validateOnly', bool, 'Checks everything, changes nothing.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('entries', 'Entry', [
      field(
        'errorCode',
        int16,
        'INVALID_REQUEST: an unknown entity type or key, a value out of range, an entity that makes no sense. CLUSTER_AUTHORIZATION_FAILED without ALTER_CONFIGS on the cluster.',
      ),
      field('errorMessage', string, { nullable: '0+' }),
      list('entity', 'Entity', [field('entityType', string), field('entityName', string, { nullable: '0+' })]),
    ]),
  ],
})

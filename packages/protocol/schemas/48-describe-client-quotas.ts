/** DescribeClientQuotas: which quotas are set for which users, client ids and addresses. */
import { api, bool, field, float64, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 48,
  name: 'DescribeClientQuotas',
  text: 'Asks which quotas are set for users, client ids and IP addresses. Any broker answers, with what was set: which of these holds for a client in the end is not worked out.',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    list(
      'components',
      'Component',
      'All must match, each on an entity type of its own. An empty list matches every entry.',
      [
        field('entityType', string, '`user`, `client-id` or `ip`. `ip` stands alone; the other two may be combined.'),
        field(
          'matchType',
          int8,
          '0: the entity named in `match`. 1: the default entity of the type. 2: every entity of the type.',
        ),
        field('match', string, { nullable: '0+' }, 'Must be null unless `matchType` is 0.'),
      ],
    ),
    field('strict', bool, 'True leaves out entries that name entity types beyond those in `components`.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'CLUSTER_AUTHORIZATION_FAILED without DESCRIBE_CONFIGS on the cluster. INVALID_REQUEST when the components contradict each other.',
    ),
    field('errorMessage', string, { nullable: '0+' }),
    list('entries', 'Entry', { nullable: '0+' }, 'Null when `errorCode` is set.', [
      list('entity', 'Entity', 'The combination that the quota is for: a user, a client id, both, or an address.', [
        field('entityType', string),
        field(
          'entityName',
          string,
          { nullable: '0+' },
          'Null is the default entity, for clients that no more specific entry covers.',
        ),
      ]),
      list('values', 'Value', [
        field(
          'key',
          string,
          '`producer_byte_rate`, `consumer_byte_rate`, `request_percentage`, `controller_mutation_rate`; for an `ip`, `connection_creation_rate`.',
        ),
        field('value', float64),
      ]),
    ]),
  ],
})

/** UpdateFeatures: raises or lowers the cluster's finalized features. */
import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 57,
  name: 'UpdateFeatures',
  text: 'Raises or lowers finalized features such as `metadata.version`, `transaction.version` or `group.version`: the switches that turn on behaviour once every node supports it. ApiVersions shows the result.',
  notes: {
    1: 'Three kinds of change instead of a permission to downgrade, and a dry run.',
    2: 'No result per feature: either all updates hold, or none does and `errorCode` says why.',
  },
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('timeoutMs', int32, { default: 60000 }),
    list('featureUpdates', 'FeatureUpdate', [
      field('feature', string),
      field('maxVersionLevel', int16, '0 removes the feature.'),
      field('allowDowngrade', bool, { in: '0' }),
      field(
        'upgradeType',
        int8,
        { in: '1+', default: 1 },
        '1 only raises, 2 also lowers where nothing is lost by it, 3 lowers at any price.',
      ),
    ]),
    field('validateOnly', bool, { in: '1+' }, 'Checks everything, changes nothing.'),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'INVALID_UPDATE_VERSION: unknown feature, a level that a node does not support, or the wrong kind of change. CLUSTER_AUTHORIZATION_FAILED without ALTER on the cluster.',
    ),
    field('errorMessage', string, { nullable: '0+' }),
    list('results', 'Result', { in: '0-1', ignorable: true }, [
      field('feature', string),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
    ]),
  ],
})

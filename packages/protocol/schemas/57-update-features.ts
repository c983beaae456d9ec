import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 57,
  name: 'UpdateFeatures',
  text: '',
  versions: '0-2',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    field('timeoutMs', int32, { default: 60000 }),
    list('featureUpdates', 'FeatureUpdate', [
      field('feature', string),
      field('maxVersionLevel', int16),
      field('allowDowngrade', bool, { in: '0' }),
      field('upgradeType', int8, { in: '1+', default: 1 }),
    ]),
    field('validateOnly', bool, { in: '1+' }),
  ],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    list('results', 'Result', { in: '0-1', ignorable: true }, [
      field('feature', string),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
    ]),
  ],
})

import { api, bool, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 18,
  name: 'ApiVersions',
  text: '',
  versions: '0-4',
  flexible: '3+',
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: [
    field('clientSoftwareName', string, { in: '3+', ignorable: true }),
    field('clientSoftwareVersion', string, { in: '3+', ignorable: true }),
  ],
  response: [
    field('errorCode', int16),
    list('apiKeys', 'ApiKey', [field('apiKey', int16), field('minVersion', int16), field('maxVersion', int16)]),
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    list('supportedFeatures', 'SupportedFeature', { in: '3+', ignorable: true, tag: 0 }, [
      field('name', string),
      field('minVersion', int16),
      field('maxVersion', int16),
    ]),
    field('finalizedFeaturesEpoch', int64, { in: '3+', default: -1n, ignorable: true, tag: 1 }),
    list('finalizedFeatures', 'FinalizedFeature', { in: '3+', ignorable: true, tag: 2 }, [
      field('name', string),
      field('maxVersionLevel', int16),
      field('minVersionLevel', int16),
    ]),
    field('zkMigrationReady', bool, { in: '3+', ignorable: true, tag: 3 }),
  ],
})

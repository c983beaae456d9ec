/** ApiVersions: which requests a broker understands, and in which versions. */
import { api, bool, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 18,
  name: 'ApiVersions',
  text: 'The first request on every connection, before authentication too. Of each API both sides then use the highest version that both know. Its response alone always has header version 0, so that it can be read before anything is agreed on.',
  notes: {
    0: 'The form in which every UNSUPPORTED_VERSION comes, whatever version was asked with.',
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    3: 'The client names its software (KIP-511), the cluster its features (KIP-584).',
    4: 'Lists features whose lowest version is 0 too; before that they are left out, because clients could not read them.',
  },
  versions: '0-4',
  flexible: '3+',
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: [
    field(
      'clientSoftwareName',
      string,
      { in: '3+', ignorable: true },
      'Letters, digits, dots and dashes, with a letter or digit at both ends; anything else is INVALID_REQUEST.',
    ),
    field('clientSoftwareVersion', string, { in: '3+', ignorable: true }, 'The same characters as in the name.'),
  ],
  response: [
    field(
      'errorCode',
      int16,
      'UNSUPPORTED_VERSION: this body has version 0 and lists at least key 18, so ask again in that range. INVALID_REQUEST: the name or version of the software has wrong characters.',
    ),
    list('apiKeys', 'ApiKey', 'An API that is missing is not served on this listener.', [
      field('apiKey', int16),
      field('minVersion', int16, 'Not a sign of age: brokers give 0 for Produce and refuse 0-2.'),
      field('maxVersion', int16),
    ]),
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    list('supportedFeatures', 'SupportedFeature', { in: '3+', ignorable: true, tag: 0 }, [
      field('name', string),
      field('minVersion', int16),
      field('maxVersion', int16),
    ]),
    field(
      'finalizedFeaturesEpoch',
      int64,
      { in: '3+', default: -1n, ignorable: true, tag: 1 },
      "Grows with every change; of several brokers' answers the highest counts. -1: nothing is known about finalizedFeatures.",
    ),
    list(
      'finalizedFeatures',
      'FinalizedFeature',
      { in: '3+', ignorable: true, tag: 2 },
      'What the cluster has switched on. transaction.version 2 is what permits Produce 12, TxnOffsetCommit 5 and EndTxn 5 in a transaction.',
      [field('name', string), field('maxVersionLevel', int16, 'The level in force.'), field('minVersionLevel', int16)],
    ),
    field(
      'zkMigrationReady',
      bool,
      { in: '3+', ignorable: true, tag: 3 },
      'A remnant of the move away from ZooKeeper, false ever since.',
    ),
  ],
})

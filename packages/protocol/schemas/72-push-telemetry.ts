/** PushTelemetry: a client hands over its metrics. */
import { api, bool, bytes, field, int8, int16, int32, uuid } from '../generate/schema.js'

export default api({
  key: 72,
  name: 'PushTelemetry',
  text: 'A client hands over the metrics of its subscription (KIP-714).',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    field('clientInstanceId', uuid),
    field('subscriptionId', int32, 'From GetTelemetrySubscriptions.'),
    field(
      'terminating',
      bool,
      'The last push, as the client closes: allowed before the interval is over, nothing is accepted after it.',
    ),
    field('compressionType', int8, 'Codec number as in record batches; one of `acceptedCompressionTypes`, or 0.'),
    field('metrics', bytes, "OpenTelemetry's MetricsData (v1) as protobuf, compressed."),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'UNKNOWN_SUBSCRIPTION_ID: ask for the subscription again. TELEMETRY_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE, INVALID_RECORD: drop this push. THROTTLING_QUOTA_EXCEEDED: too early. INVALID_REQUEST: the last push came already, or the id is wrong.',
    ),
  ],
})

/** GetTelemetrySubscriptions: which metrics the cluster wants from a client. */
import { api, array, bool, field, int8, int16, int32, string, uuid } from '../generate/schema.js'

export default api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  text: "A client asks which of its metrics the cluster's operators want, how often and how packed (KIP-714). It keeps to one broker for this and for PushTelemetry. A client need not take part at all.",
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    field(
      'clientInstanceId',
      uuid,
      'Zero at first; afterwards the id that the first response gave, also on another broker.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32),
    field(
      'errorCode',
      int16,
      'THROTTLING_QUOTA_EXCEEDED: asked before the push interval was over. INVALID_REQUEST: an id that the broker has no use for.',
    ),
    field('clientInstanceId', uuid, 'The id given to a client that sent zero.'),
    field('subscriptionId', int32, 'Changes with the subscription; goes into every push.'),
    field(
      'acceptedCompressionTypes',
      array(int8),
      'Codec numbers as in record batches, the preferred first. 0, no compression, is always allowed.',
    ),
    field(
      'pushIntervalMs',
      int32,
      'Shortest of all subscriptions that match the client. The first push is spread at random, so that clients do not come at once.',
    ),
    field('telemetryMaxBytes', int32, 'Of one push, after compression.'),
    field('deltaTemporality', bool, 'True: counters as growth since the last push. False: since the start.'),
    field(
      'requestedMetrics',
      array(string),
      'Prefixes of metric names. Empty: nothing is wanted. One empty string: everything.',
    ),
  ],
})

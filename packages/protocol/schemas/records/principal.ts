/** Who sent a request that a broker forwards to the controller. */
import { bool, field, type RecordType, record, string } from '../../generate/schema.js'

const principal: readonly RecordType[] = [
  record({
    name: 'DefaultPrincipalData',
    text: 'Who sent a request that was forwarded: the `requestPrincipal` of Envelope, unless the cluster has its own serializer.',
    kind: 'data',
    versions: '0',
    flexible: '0+',
    fields: [
      field('type', string, '`User` for everyone whom Kafka itself authenticates.'),
      field('name', string),
      field(
        'tokenAuthenticated',
        bool,
        'True for a login with a delegation token, which may not create or renew tokens.',
      ),
    ],
  }),
]

export default principal

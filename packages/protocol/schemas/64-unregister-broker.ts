/** UnregisterBroker: removes a broker that will not come back. */
import { api, field, int16, int32, string } from '../generate/schema.js'

export default api({
  key: 64,
  name: 'UnregisterBroker',
  text: 'Removes the registration of a broker that will not come back. Its replicas stay assigned: move them away first.',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [field('brokerId', int32)],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'BROKER_ID_NOT_REGISTERED. CLUSTER_AUTHORIZATION_FAILED without ALTER on the cluster.'),
    field('errorMessage', string, { nullable: '0+' }),
  ],
})

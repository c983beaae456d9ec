/**
 * What the consumer asks of the cluster. `Client` of @samsa/client is one; tests have others.
 */
import type { Client } from '@samsa/client/internal'

export type ConsumerCluster = Pick<
  Client,
  'clientId' | 'clock' | 'random' | 'logger' | 'link' | 'onChange' | 'call' | 'close'
> & {
  readonly metadata: Pick<Client['metadata'], 'topic' | 'topicOf' | 'refresh' | 'applyLeader' | 'nodes'>
}

/**
 * A consumer that reads topic t of a test cluster, and what tests say of it in few words.
 */
import { string } from '@samsa/client'
import type { Consumer } from './consumer.js'
import type { ConsumerOptions } from './consumer-options.js'
import { batchOf, TestCluster } from './test-cluster.js'

export const place = (partition: number) => ({ topic: 't', partition })
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

type Options = Partial<ConsumerOptions<string, string>>

export interface Setup {
  readonly cluster: TestCluster
  readonly consumer: Consumer<string, string>
}

/** Partitions of topic t, each from offset 0 on; nothing is asked of brokers but fetches. */
export async function setUp(leaders: readonly number[] = [1], options: Options = {}): Promise<Setup> {
  const cluster = new TestCluster(leaders)
  const consumer = cluster.consumer<string, string>({ value: string, key: string, ...options })
  consumer.assign(leaders.map((_, partition) => place(partition)))
  for (const partition of leaders.keys()) consumer.seek(place(partition), 0n)
  await consumer.poll(0)
  await cluster.settle()
  return { cluster, consumer }
}

/** What a poll that does not wait gives, as `t0@5=value`. */
export async function polled({ consumer, cluster }: Setup): Promise<string[]> {
  await cluster.settle()
  const records = await consumer.poll(0)
  return [...records].map(({ partition, offset, value }) => `${partition}@${offset}=${value}`)
}

export const answer = (baseOffset: number, ...values: string[]) => ({ records: batchOf(baseOffset, values) })

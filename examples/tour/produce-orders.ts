/**
 * Many orders, as fast as they go: the producer gathers them in batches by itself, several of which are under way at a time.
 */
import { json, Producer, string } from '@samsa/producer'

export interface Order {
  readonly number: number
  readonly customer: string
  readonly total: number
}

export interface Produced {
  readonly acknowledged: number
  readonly failed: number
  readonly batches: number
  readonly seconds: number
}

export interface ProduceOptions {
  readonly bootstrapServers: string
  readonly topic: string
  readonly count: number
  readonly signal: AbortSignal
  readonly onProgress: (acknowledged: number, perSecond: number) => void
}

const CUSTOMERS = 1_000
/** Between two of them everything else has a turn, the sender first of all. */
const ORDERS_A_TURN = 4_000

export async function produceOrders(options: ProduceOptions): Promise<Produced> {
  const { bootstrapServers, topic, count, signal, onProgress } = options
  const producer = new Producer({
    bootstrapServers,
    key: string,
    value: json<Order>(),
    batchSize: 64 * 1024,
  })
  const startedAt = performance.now()
  const seconds = (): number => (performance.now() - startedAt) / 1000
  let acknowledged = 0
  let failed = 0
  try {
    for (let number = 0; number < count && !signal.aborted; number++) {
      const order = { number, customer: `customer-${number % CUSTOMERS}`, total: 1 + (number % 97) }
      // Undefined as long as there is room; otherwise a promise of it, which keeps memory within its limit.
      const room = producer.enqueue({ topic, key: order.customer, value: order }, error => {
        if (error === undefined) acknowledged++
        else failed++
      })
      if (room !== undefined) await room
      if (number % ORDERS_A_TURN > 0) continue
      await new Promise(resolve => setImmediate(resolve))
      onProgress(acknowledged, acknowledged / seconds())
    }
    // Resolves when every record has its answer.
    await producer.flush()
    onProgress(acknowledged, acknowledged / seconds())
    return { acknowledged, failed, batches: producer.metrics().batchesSent, seconds: seconds() }
  } finally {
    await producer.close()
  }
}

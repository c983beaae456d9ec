/**
 * The topics of each example, with the number of their partitions. What runs examples makes them where they are missing, so that
 * the examples themselves are no longer than what they show.
 */
export type ExampleTopics = Readonly<Record<string, number>>

export const topicsOf: Readonly<Record<string, ExampleTopics>> = {
  producer: { orders: 6 },
  'ways-to-send': { readings: 3 },
  'custom-partitioner': { invoices: 6 },
  interceptor: { greetings: 3 },
  'concurrency-by-key': { bookings: 3, 'bookings.dead': 1 },
  'at-most-once': { alarms: 1 },
  'at-least-once': { deliveries: 1 },
  'auto-commit': { tasks: 1 },
  'exactly-once-dedup': { payments: 1 },
  'exactly-once-ledger': { transfers: 1 },
  'exactly-once-version': { profiles: 1 },
  'offsets-in-transaction': { sales: 1 },
  'transactional-loop': { baskets: 1, 'baskets.priced': 1, 'baskets.dead': 1 },
  outbox: { 'order-events': 2 },
  'retry-topics': { mails: 1, 'mails.retry.50ms': 1, 'mails.retry.200ms': 1, 'mails.dead': 1 },
  'ledger-then-balances': { bookkeeping: 1 },
  'rebalance-listener': { shifts: 2 },
  'custom-assignor': { shifts: 2 },
  'seek-and-replay': { prices: 1 },
  'pause-and-resume': { signals: 2 },
  'peak-shaving': { jobs: 2 },
  'queue-and-broadcast': { news: 4 },
  'order-by-key': { parcels: 4 },
  'log-collection': { logs: 3 },
  'activity-tracking': { clicks: 3 },
  'one-address': { hello: 1 },
}

/**
 * Activity tracking: what visitors do, as a stream that many read for their own ends, each at its own pace. Here one counts views
 * of pages by the minute, and another puts together the visit of each visitor. Visitors are the key: so each one's clicks are in
 * order.
 */
import { Consumer, json, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

interface Click {
  readonly visitor: string
  readonly page: string
  /** When it happened, as the browser says it. */
  readonly at: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'clicks'
const MINUTE_MS = 60_000
const pages = ['/', '/shop', '/shop/samovar', '/cart']
const clicks = Array.from(
  { length: 120 },
  (_, n): Click => ({
    visitor: `visitor-${n % 12}`,
    page: pages[Math.floor(n / 12) % pages.length] ?? '/',
    at: n * 1_000,
  }),
)

await using producer = new Producer({ bootstrapServers, key: string, value: json<Click>() })
// The record's own time is that of the click: readers go by it, and find the place of a time with offsetsForTimes.
await producer.sendAll(
  clicks.map(value => ({ topic, key: value.visitor, value, timestamp: Date.now() - 600_000 + value.at })),
)

/** Each purpose is a group: all of them see every click. */
async function read(purpose: string, see: (click: Click) => void): Promise<void> {
  await using consumer = new Consumer({
    bootstrapServers,
    groupId: `activity-${purpose}`,
    autoOffsetReset: 'earliest',
    key: string,
    value: json<Click>(),
  })
  consumer.subscribe([topic])
  let seen = 0
  for await (const { value } of consumer) {
    if (value !== null) see(value)
    if (++seen === clicks.length) break
  }
}

const views = new Map<string, number>()
const visits = new Map<string, string[]>()
await Promise.all([
  read('views', ({ page, at }) => {
    const window = `minute ${Math.floor(at / MINUTE_MS)} ${page}`
    views.set(window, (views.get(window) ?? 0) + 1)
  }),
  read('visits', ({ visitor, page }) => void visits.set(visitor, [...(visits.get(visitor) ?? []), page])),
])

// Windows go by the time of the clicks, so it does not matter when, or in which order of partitions, they were read.
for (const [window, count] of [...views].toSorted()) console.log(`${window}: ${count}`)
console.log(`visitor-7: ${visits.get('visitor-7')?.join(' > ')}`)

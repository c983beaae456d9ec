/**
 * The application whose memory is watched, in a process of its own: its first record is handled for as long as it is told,
 * and nothing else is. Prints what it took.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Consumer } from '@samsa/consumer'

const LOOK_MS = 100

const { mode, topic, address, seconds } = JSON.parse(process.argv[2])
const consumer = new Consumer({ bootstrapServers: address, groupId: `stuck in ${mode}`, autoOffsetReset: 'earliest' })
const counts = { before: process.memoryUsage.rss(), most: 0, started: 0 }
const over = new AbortController()
const isStuck = () => {
  counts.started++
  return pause(seconds * 1000)
}

consumer.subscribe([topic])
setInterval(look, LOOK_MS)
if (mode === 'run') {
  await consumer.run(
    async () => {
      await isStuck()
      over.abort()
    },
    { signal: over.signal },
  )
} else if (mode === 'for await') {
  for await (const _ of consumer) {
    await isStuck()
    break
  }
} else {
  await consumer.poll()
  await isStuck()
}
look()
process.stdout.write(JSON.stringify(counts))
process.exit(0)

function look() {
  counts.most = Math.max(counts.most, process.memoryUsage.rss())
}

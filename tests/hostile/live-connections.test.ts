/**
 * Ten thousand connections at once, each of which was served, and what they cost a live broker.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { proofSize } from '../proof-size.js'
import { GoodClient } from './good-client.js'
import { LiveBroker } from './live-broker.js'

const PROGRAM = fileURLToPath(new URL('many-connections.mjs', import.meta.url))
const CONNECTIONS = proofSize('SAMSA_HOSTILE_CONNECTIONS', 10_000)
/** Files that a process has open anyway. */
const OTHER_FILES = 200
/** A socket, a stream, a timer and a place in two tables; measured: 9 to 12 KiB. */
const MOST_BYTES_A_CONNECTION = 32 * 1024
const KEPT_BYTES = 20 * 1024 * 1024
const PATIENCE_MS = 240_000

function mostFiles(): number {
  const text = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text)
}

test(`${CONNECTIONS} connections at once are served, cheap, and given back`, {
  timeout: PATIENCE_MS,
}, async context => {
  if (process.platform !== 'linux') context.skip('only Linux has the whole of 127.0.0.0/8')
  if (mostFiles() < CONNECTIONS + OTHER_FILES) context.skip(`a process may open no more than ${mostFiles()} files here`)
  const broker = await LiveBroker.start({ topics: { good: { partitions: 1 } } })
  try {
    const good = await GoodClient.start(broker, 'good')
    await good.served(50)
    const before = await broker.look({ collect: true })
    const args = [PROGRAM, broker.host, String(broker.port), String(CONNECTIONS)]
    const many = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const ended = once(many, 'close')
    const [opened] = await Promise.race([once(many, 'message'), ended.then(() => ['it ended'])])
    expect(opened).toEqual({ opened: CONNECTIONS })
    await good.served(5)
    const full = await broker.look({ collect: true })
    expect(full.connections).toBe(CONNECTIONS + 1)
    expect((full.rss - before.rss) / CONNECTIONS).toBeLessThan(MOST_BYTES_A_CONNECTION)
    many.send('let go')
    await ended
    await broker.until(({ connections }) => connections === 1)
    await broker.until(({ heapUsed }) => heapUsed < before.heapUsed + KEPT_BYTES, { collect: true })
    await good.served(5)
    await good.stop()
    expect(broker.lines).toEqual([])
    await broker.stop()
  } finally {
    await broker.kill()
  }
})

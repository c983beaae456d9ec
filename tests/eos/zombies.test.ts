/**
 * Zombies: a worker is stopped in the middle of its work (SIGSTOP) for longer than its session and its lease, another one takes
 * over and finishes all there is, and the first one goes on (SIGCONT). Whatever it does then must fail: by the epoch of a
 * lease, the fence of an offset, the generation of the group or the epoch of a producer. And money is moved once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { Producer } from '@samsa/producer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { type Leg, openBank } from './matrix/banks.mjs'
import { valuesIn } from './matrix/lives.js'
import { legsTopic } from './matrix/schemes.mjs'
import { bookProblems, deliveries, legProblems, type Transfer } from './matrix/transfers.js'

const WORKER = fileURLToPath(new URL('zombies/worker.mjs', import.meta.url))
const TRANSFERS = 5
const LIMIT_MS = 60_000
const LOOK_MS = 20

let kafka: TestBroker
const folder = temporaryFolder()
const children = new Set<ChildProcess>()

const names = ['dedup', 'lease', 'offsets', 'loop', 'same-id']

beforeAll(async () => {
  kafka = await createTestBroker({
    topics: Object.fromEntries(names.flatMap(name => [name, legsTopic(name)]).map(name => [name, {}])),
    properties: { 'group.initial.rebalance.delay.ms': '0', 'group.min.session.timeout.ms': '500' },
  })
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await kafka.close()
  folder.remove()
})

interface Outcome {
  readonly failure?: string
  readonly handled?: string
  readonly committed?: string
  readonly duplicates?: number
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>> | undefined>>
}

interface Job {
  readonly scheme: string
  readonly topic: string
  readonly count: number
  readonly place?: { readonly kind: string; readonly path: string }
  readonly transactionalId?: string
}

function start(job: Job & { readonly stalls: boolean }): { child: ChildProcess; outcome: Promise<Outcome> } {
  const client = { bootstrapServers: kafka.bootstrapServers }
  const env = { ...process.env, ZOMBIE_JOB: JSON.stringify({ ...job, client }) }
  const child = spawn(process.execPath, ['--no-warnings', WORKER], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  const outcome = once(child, 'close').then(() => {
    children.delete(child)
    return JSON.parse(output) as Outcome
  })
  return { child, outcome }
}

/** As the kernel tells. */
async function stopped({ pid }: ChildProcess): Promise<void> {
  for (;;) {
    const [, state] = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    if (state === 'T') return
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}

/** What the one that stalled says in the end, and what there was to do. */
async function haunted(
  job: Omit<Job, 'count'>,
  ids = ['first', 'second'],
): Promise<readonly [Outcome, readonly Transfer[]]> {
  const sent = [...new Set(deliveries(job.topic, TRANSFERS))]
  const { bootstrapServers } = kafka
  await using producer = new Producer({ bootstrapServers })
  await producer.sendAll(sent.map(value => ({ topic: job.topic, partition: 0, value: JSON.stringify(value) })))
  const [zombie, heir] = ids.map(id => ({ ...job, count: sent.length, transactionalId: `${job.topic}.${id}` }))
  if (zombie === undefined || heir === undefined) throw new Error('there are two')
  const first = start({ ...zombie, stalls: true })
  await stopped(first.child)
  const second = await start({ ...heir, stalls: false }).outcome
  expect(second.failure).toBe(undefined)
  first.child.kill('SIGCONT')
  return [await first.outcome, sent]
}

async function expectBooks(place: NonNullable<Job['place']>, sent: readonly Transfer[]): Promise<void> {
  const { bank, close } = await openBank(place)
  expect(bookProblems(await bank.read(), sent)).toEqual([])
  await close()
}

const placeOf = (name: string) => ({ kind: 'sqlite', path: `${folder.path}/${name}.db` })
const isLinux = process.platform === 'linux'
/** The state of a process is read where Linux has it. */
const withProcessStates = isLinux ? test.concurrent : test.skip

withProcessStates(
  'dedup: what was done meanwhile is a duplicate, and the commit is of an old generation',
  async () => {
    const place = placeOf('dedup')
    const [outcome, sent] = await haunted({ scheme: 'dedup', topic: 'dedup', place })
    expect(outcome).toMatchObject({ handled: 'ok', duplicates: 1, committed: 'COMMIT_FAILED' })
    await expectBooks(place, sent)
  },
  LIMIT_MS,
)

withProcessStates(
  'dedup with leases: who has lost the lease cannot complete, and cannot commit',
  async () => {
    const place = placeOf('lease')
    const [outcome, sent] = await haunted({ scheme: 'lease', topic: 'lease', place })
    expect(outcome).toMatchObject({ handled: 'LEASE_LOST', committed: 'COMMIT_FAILED' })
    await expectBooks(place, sent)
  },
  LIMIT_MS,
)

withProcessStates(
  'offsetsInTransaction: results of one that was replaced are fenced',
  async () => {
    const place = placeOf('offsets')
    const [{ failure, metrics }, sent] = await haunted({ scheme: 'offsets', topic: 'offsets', place })
    expect(failure).toBe(undefined)
    expect(metrics['offsetsInTransaction']).toMatchObject({ fenced: 1 })
    await expectBooks(place, sent)
  },
  LIMIT_MS,
)

withProcessStates(
  'transactionalLoop: outputs of an old generation are aborted',
  async () => {
    const [{ failure, metrics }, sent] = await haunted({ scheme: 'loop', topic: 'loop' })
    expect(failure).toBe(undefined)
    expect(metrics['transactionalLoop']).toEqual(expect.objectContaining({ aborted: 1 }))
    expect(metrics['transactionalLoop']).not.toHaveProperty('processed')
    expect(legProblems(await valuesIn<Leg>(kafka.bootstrapServers, legsTopic('loop')), sent)).toEqual([])
  },
  LIMIT_MS,
)

withProcessStates(
  'transactionalLoop: the older of two with one transactional id is fenced for good',
  async () => {
    const [{ failure, metrics }, sent] = await haunted({ scheme: 'loop', topic: 'same-id' }, ['same', 'same'])
    expect(failure).toBe('PRODUCER_FENCED')
    expect(metrics['transactionalLoop']).not.toHaveProperty('processed')
    expect(legProblems(await valuesIn<Leg>(kafka.bootstrapServers, legsTopic('same-id')), sent)).toEqual([])
  },
  LIMIT_MS,
)

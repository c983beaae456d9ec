/**
 * Money moves between accounts by records that come up to four times, handled by a process that is killed at every named step in
 * turn: no transfer is lost, none is done twice, and the sum of the balances stays.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { type FailpointName, failpointNames } from '@samsa/eos/internal'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { SeededRandom } from '@samsa/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'

const SEED = process.env['SAMSA_TRANSFER_SEED'] ?? 'money'
const WORKER = fileURLToPath(new URL('transfer-worker.mjs', import.meta.url))
const TRANSFERS = 24
const ACCOUNTS = ['ann', 'bob', 'cem', 'dee']
/** Of which time that a step is reached the worker is killed: the first records of a life are often repetitions. */
const KILLED_AT = 3

/** Whose steps are whose. */
const STEPS: Readonly<Record<string, readonly FailpointName[]>> = {
  dedup: ['dedup.afterBegin', 'dedup.afterInsert', 'dedup.afterHandler', 'tx.beforeCommit', 'tx.afterCommit'],
  batch: ['dedup.batchAfterInsert', 'dedup.batchAfterHandler', 'tx.beforeCommit', 'tx.afterCommit'],
  lease: ['dedup.afterClaim', 'dedup.beforeComplete', 'dedup.afterComplete'],
  ledger: ['ledger.afterInsert', 'ledger.afterHandler', 'tx.beforeCommit', 'tx.afterCommit'],
  versionCheck: ['versionCheck.afterUpdate', 'versionCheck.afterHandler', 'tx.beforeCommit', 'tx.afterCommit'],
}

interface Transfer {
  readonly id: string
  readonly number: number
  readonly from: string
  readonly to: string
  readonly amount: number
}

let kafka: TestBroker
const folder = temporaryFolder()

beforeAll(async () => {
  kafka = await createTestBroker({
    topics: Object.fromEntries([...Object.keys(STEPS), 'nothing'].map(name => [name, {}])),
  })
})

afterAll(async () => {
  await kafka.close()
  folder.remove()
})

/** In the order of their numbers, with repetitions of earlier ones in between. */
function deliveries(random: SeededRandom): readonly Transfer[] {
  const transfers: Transfer[] = []
  return Array.from({ length: TRANSFERS }, (_, number) => {
    const [from = '', to = ''] = ACCOUNTS.toSorted(() => random.next() - 0.5)
    transfers.push({ id: `t${number}`, number, from, to, amount: random.integer(1, 100) })
    const repeated = Array.from({ length: random.integer(0, 3) }, () => transfers[random.integer(0, transfers.length)])
    return [transfers[number], ...repeated].filter(transfer => transfer !== undefined)
  }).flat()
}

/** The signal that has ended it, or null when it came to its end by itself. */
async function work(job: object, failpoint = ''): Promise<NodeJS.Signals | null> {
  const env = { ...process.env, TRANSFER_JOB: JSON.stringify(job), SAMSA_EOS_FAILPOINT: failpoint }
  const child = spawn(process.execPath, ['--no-warnings', WORKER], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint += text
  })
  const limit = setTimeout(() => child.kill('SIGTERM'), 60_000)
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(limit)
  if (status !== null && status !== 0) throw new Error(`a worker failed: ${complaint}`)
  return signal
}

/** What is wrong with the accounts; and how many repetitions were told. */
async function judge(path: string, acknowledged: readonly Transfer[]) {
  await using store = sqliteStore(path)
  const { balances, legs, duplicates } = await store.transaction(async tx => ({
    balances: tx.all('SELECT id, balance FROM accounts'),
    legs: tx.all('SELECT transfer, account, amount FROM legs'),
    duplicates: tx.all('SELECT transfer FROM duplicates').length,
  }))
  const problems: string[] = []
  const sumOf = (amounts: readonly unknown[]): number =>
    amounts.reduce((sum: number, amount) => sum + Number(amount), 0)
  if (sumOf(balances.map(({ balance }) => balance)) !== 0) problems.push('the balances have another sum')
  for (const { id, from, to, amount } of new Set(acknowledged)) {
    const found = legs.filter(({ transfer }) => transfer === id).map(leg => `${leg['account']} ${leg['amount']}`)
    const isRight = found.length === 2 && found.includes(`${from} ${-amount}`) && found.includes(`${to} ${amount}`)
    if (!isRight) problems.push(`${id} has the legs ${found.join(', ')}`)
  }
  for (const { id, balance } of balances) {
    const sum = sumOf(legs.filter(({ account }) => account === id).map(({ amount }) => amount))
    if (balance !== sum) problems.push(`${id} has ${balance} where its legs give ${sum}`)
  }
  if (legs.length !== TRANSFERS * 2) problems.push(`${legs.length} legs of ${TRANSFERS} transfers`)
  return { problems, duplicates }
}

async function jobOf(scheme: string) {
  const random = new SeededRandom(`${SEED} ${scheme}`)
  const sent = deliveries(random)
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await producer.sendAll(sent.map(value => ({ topic: scheme, partition: 0, value: JSON.stringify(value) })))
  const path = `${folder.path}/${scheme}.db`
  return { job: { bootstrapServers: kafka.bootstrapServers, topic: scheme, scheme, path, count: sent.length }, sent }
}

/** Of helpers that change no account: `../behaviour/exactly-once-middleware.test.ts`. */
const STEPS_ELSEWHERE: readonly FailpointName[] = ['retry.afterSend', 'deadLetter.afterCount', 'deadLetter.afterSend']

test('every step is somebody’s', () => {
  expect([...new Set([...Object.values(STEPS).flat(), ...STEPS_ELSEWHERE])].toSorted()).toEqual(
    [...failpointNames].toSorted(),
  )
})

test.each(Object.entries(STEPS))(
  '%s neither loses nor doubles a transfer, wherever its process is killed',
  async (scheme, steps) => {
    const { job, sent } = await jobOf(scheme)
    for (const step of steps.slice(-proofSize('SAMSA_TRANSFER_STEPS', 5))) {
      expect(await work(job, `${step}:${KILLED_AT}`), `killed at ${step}, seed ${SEED}`).toBe('SIGKILL')
    }
    expect(await work(job)).toBe(null)
    const { problems, duplicates } = await judge(job.path, sent)
    expect(problems, `seed ${SEED}`).toEqual([])
    expect(duplicates).toBeGreaterThan(0)
  },
  300_000,
)

test('without any of them, the repetitions are noticed', async () => {
  const { job, sent } = await jobOf('nothing')
  expect(await work(job)).toBe(null)
  expect((await judge(job.path, sent)).problems).toContain(`${sent.length * 2} legs of ${TRANSFERS} transfers`)
}, 120_000)

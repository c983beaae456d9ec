/**
 * Lives of a process that works on one topic by one scheme: each dies at a step, the last one comes to its end. On a store in
 * memory a life is a part of this process, cut off from its store and its broker when it dies; else it is a process, and killed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestBroker } from '@samsa/broker/testing'
import { Admin, type ClientOptions } from '@samsa/client'
import { tcpTransport } from '@samsa/client/internal'
import { Consumer, json } from '@samsa/consumer'
import type { HistoryRecorder } from '@samsa/eos/history'
import { armFailpoint, disarmFailpoint, type FailpointName } from '@samsa/eos/internal'
import { Producer } from '@samsa/producer'
import { proofSize } from '../../proof-size.js'
import { type Leg, openBank, type StorePlace } from './banks.mjs'
import { deadTopic, type Life, laterTopic, legsTopic, schemes } from './schemes.mjs'
import { bookProblems, deliveries, expected, legProblems, type Transfer } from './transfers.js'

export interface Row {
  readonly scheme: string
  readonly place: StorePlace
  readonly steps: readonly FailpointName[]
  readonly seed: string
  /** What befalls the last life, which is a part of this process then. */
  readonly trouble?: Trouble
}

export interface Trouble {
  /** Beside the broker's addresses. */
  readonly client: Omit<ClientOptions, 'bootstrapServers'>
  readonly history: HistoryRecorder
  /** Begins when a life does; called again when one has ended. */
  begin(topic: string): void
}

const TRANSFERS = 24
/** Of which time that a step is reached a life ends there: the first records of a life are often repetitions. */
const DIES_AT = 2
const MOST_TROUBLED_LIVES = 10
const LIFE_LIMIT_MS = 60_000
/** What a life dies of that is a part of this process. */
const DEATH = new Error('this life is over')

let rows = 0

/** Plays a row to its end, and says what is wrong then. */
export async function play(
  kafka: TestBroker,
  { scheme: name, place, steps, seed, trouble }: Row,
): Promise<readonly string[]> {
  const scheme = schemes[name]
  if (scheme === undefined) throw new Error(`there is no scheme ${name}`)
  const topic = `${name}-${place.kind}-${rows++}`.replaceAll(' ', '-')
  const { bootstrapServers } = kafka
  await using admin = new Admin({ bootstrapServers })
  await admin.createTopics(
    [topic, legsTopic(topic), laterTopic(topic), deadTopic(topic)].map(name => ({ name, partitions: 1 })),
  )
  const sent = deliveries(`${seed} ${name}`, TRANSFERS)
  await using producer = trouble?.history.producer({ bootstrapServers }) ?? new Producer({ bootstrapServers })
  await producer.sendAll(sent.map(value => ({ topic, partition: 0, value: JSON.stringify(value) })))
  const job = { client: { bootstrapServers }, topic, count: sent.length }
  const live = place.kind === 'memory' ? liveHere : liveElsewhere
  const problems: string[] = []
  for (const step of steps) {
    if (!(await live({ ...job, scheme: name, place }, step))) problems.push(`nobody came to ${step}`)
  }
  if (trouble !== undefined) await liveInTrouble({ ...job, scheme: name, place }, trouble)
  else if (await live({ ...job, scheme: name, place }, undefined)) problems.push('the last life died too')
  const { isPoison = () => false } = scheme
  const done = expected(sent, scheme.unit ?? 'transfer').filter(transfer => !isPoison(transfer))
  if (place.kind !== 'kafka') problems.push(...(await bankProblems(place, done, sent)))
  if (scheme.results !== undefined) {
    const legs = await valuesIn<Leg>(bootstrapServers, legsTopic(topic))
    problems.push(...legProblems(legs, done, scheme.results === 'repeated topic'))
  }
  const dead = await valuesIn<Transfer>(bootstrapServers, deadTopic(topic))
  return [...problems, ...deadProblems(dead, sent.filter(isPoison))]
}

/** As many seeds as are asked for, one after the other, until something is wrong. */
export async function playSeeds(kafka: TestBroker, rowOf: (seed: string) => Row | Promise<Row>): Promise<void> {
  const first = process.env['SAMSA_MATRIX_SEED'] ?? 'money'
  const count = proofSize('SAMSA_MATRIX_SEEDS', 1)
  const until = Date.now() + Number(process.env['SAMSA_MATRIX_SECONDS'] ?? 0) * 1000
  for (let number = 0; number < count || Date.now() < until; number++) {
    const seed = number === 0 ? first : `${first}.${number}`
    const problems = await play(kafka, await rowOf(seed))
    if (problems.length > 0) throw new Error([`SAMSA_MATRIX_SEED=${seed}:`, ...problems].join('\n'))
  }
}

function deadProblems(dead: readonly Transfer[], poison: readonly Transfer[]): readonly string[] {
  const found = new Set(dead.map(({ id }) => id))
  const meant = new Set(poison.map(({ id }) => id))
  const missing = [...meant].filter(id => !found.has(id)).map(id => `${id} is not among the dead letters`)
  const wrong = [...found].filter(id => !meant.has(id)).map(id => `${id} is among the dead letters`)
  return [...missing, ...wrong]
}

async function bankProblems(
  place: StorePlace,
  done: readonly Transfer[],
  sent: readonly Transfer[],
): Promise<readonly string[]> {
  const { bank, close } = await openBank(place)
  const books = await bank.read()
  await close()
  const isAware = done.length === sent.length || books.duplicates > 0
  return [...bookProblems(books, done), ...(isAware ? [] : ['nobody has noticed a repetition'])]
}

interface Job {
  readonly client: ClientOptions
  readonly history?: HistoryRecorder
  readonly topic: string
  readonly count: number
  readonly scheme: string
  readonly place: StorePlace
}

/** True when it was killed, and false when it came to its end. */
async function liveElsewhere(job: Job, step: FailpointName | undefined): Promise<boolean> {
  const failpoint = step === undefined ? '' : `${step}:${diesAt(step)}`
  const env = { ...process.env, MATRIX_JOB: JSON.stringify(job), SAMSA_EOS_FAILPOINT: failpoint }
  const worker = fileURLToPath(new URL('worker.mjs', import.meta.url))
  const child = spawn(process.execPath, ['--no-warnings', worker], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint += text
  })
  const limit = setTimeout(() => child.kill('SIGTERM'), LIFE_LIMIT_MS)
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(limit)
  if (status === 0 || signal === 'SIGKILL') return signal === 'SIGKILL'
  throw new Error(`a life of ${job.topic} ended with ${signal ?? status}: ${complaint}`)
}

/** A life that fails is followed by another: a supervisor would do that. */
async function liveInTrouble(job: Job, { client, history, begin }: Trouble): Promise<void> {
  const troubled = { ...job, client: { ...job.client, ...client }, history }
  for (let life = 1; ; life++) {
    begin(job.topic)
    try {
      await liveHere(troubled, undefined)
      return
    } catch (error) {
      if (life === MOST_TROUBLED_LIVES) throw error
    }
  }
}

/** A partition is taken once in a life. */
function diesAt(step: FailpointName): number {
  return step === 'offsets.afterAcquire' ? 1 : DIES_AT
}

async function liveHere({ scheme, place, ...job }: Job, step: FailpointName | undefined): Promise<boolean> {
  const mortal = new MortalParts(place.opened ?? {})
  const { store, bank } = place.kind === 'kafka' ? {} : await openBank({ ...place, opened: mortal.store })
  const client: ClientOptions = { ...job.client, transport: mortal.transport }
  const life: Life = { ...job, client, store, bank, closing: [], noting: [] }
  if (step !== undefined) armFailpoint(step, diesAt(step), () => mortal.die())
  const running = schemes[scheme]?.run(life) ?? Promise.resolve()
  try {
    await Promise.race([running, mortal.death])
    if (!mortal.isDead) await Promise.all(life.noting)
  } catch (error) {
    if (!mortal.isDead) throw error
  } finally {
    disarmFailpoint()
    running.catch(() => {})
    for (const close of life.closing) {
      // Whoever is dead is not waited for: what it still tries comes to nothing.
      const closed = close(mortal.isDead ? { timeoutMs: 0 } : {}).catch(() => {})
      if (!mortal.isDead) await closed
    }
  }
  return mortal.isDead
}

/** What a process has that lives in this one. */
class MortalParts {
  isDead = false
  readonly store: object
  readonly death: Promise<never>
  readonly #streams = new Set<{ destroy(error: Error): void }>()
  #end: () => void = () => {}

  constructor(store: object) {
    this.store = new Proxy(store, { get: (target, name) => this.#guarded(target, name) })
    this.death = new Promise((_, reject) => {
      this.#end = () => reject(DEATH)
    })
    this.death.catch(() => {})
  }

  readonly transport: typeof tcpTransport = async (address, options) => {
    if (this.isDead) throw DEATH
    const stream = await tcpTransport(address, options)
    this.#streams.add(stream)
    if (this.isDead) stream.destroy(DEATH)
    return stream
  }

  /** Nothing that it begins from here on comes to anything. */
  die(): never {
    this.isDead = true
    for (const stream of this.#streams) stream.destroy(DEATH)
    this.#end()
    throw DEATH
  }

  #guarded(target: object, name: string | symbol): unknown {
    const value: unknown = Reflect.get(target, name)
    if (typeof value !== 'function') return value
    return (...given: unknown[]) => {
      if (this.isDead) throw DEATH
      return value.apply(target, given)
    }
  }
}

/** What readers of committed records find there. */
export async function valuesIn<Value>(bootstrapServers: string, topic: string): Promise<readonly Value[]> {
  await using consumer = new Consumer<Uint8Array, Value>({
    bootstrapServers,
    isolationLevel: 'readCommitted',
    value: json<Value>(),
  })
  const place = { topic, partition: 0 }
  consumer.assign([place])
  consumer.seekToBeginning()
  const values: Value[] = []
  const [end] = await consumer.endOffsets([place])
  while ((await consumer.position(place)) < (end?.offset ?? 0n)) {
    for (const { value } of await consumer.poll(1000)) if (value !== null) values.push(value)
  }
  return values
}

/**
 * Sequences of valid requests, mutated, against a live broker over TCP, with a well-behaved client beside them all the
 * time. Whatever comes, the broker answers or closes that connection with one line in its log, and lives.
 */
import { apiByKey, apiVersions, decodeResponse } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { proofSize } from '../proof-size.js'
import { allSchemas } from '../protocol/schemas.js'
import { GoodClient } from './good-client.js'
import { LiveBroker, type LogLine } from './live-broker.js'
import { type LiveRequest, RequestSource, type ServedApi } from './live-requests.js'
import { RawClient, type Target } from './raw-client.js'

/** `SAMSA_HOSTILE_SEED=123` runs that sequence alone, against a broker of its own. */
const ONE_SEED = process.env['SAMSA_HOSTILE_SEED']
const SEEDS = proofSize('SAMSA_HOSTILE_SEEDS', 800)
/** The first one, for a soak that must not always see the same. */
const FIRST_SEED = Number(process.env['SAMSA_HOSTILE_FIRST_SEED'] ?? 0)
const MS_PER_SEED = 100
const AT_ONCE = 4
const SEEDS_PER_LOOK = 100
const SEED_DEADLINE_MS = 60_000
const PATIENCE_MS = 60_000
/** A sequence of a few kilobytes has no business with more; what blocks the loop for long uses more. */
const MOST_CPU_MS_A_TURN = 2000

const schemas = new Map((await allSchemas()).map(schema => [schema.name, schema]))

test(
  `${ONE_SEED === undefined ? SEEDS : 1} mutated sequences over TCP leave the broker as it was`,
  async () => {
    const broker = await LiveBroker.start({ topics: { good: { partitions: 1 } } })
    try {
      const good = await GoodClient.start(broker, 'good')
      const served = await servedBy(broker)
      const seeds =
        ONE_SEED === undefined ? Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index) : [Number(ONE_SEED)]
      const outcomes = { refused: 0, others: 0 }
      for (let from = 0; from < seeds.length; from += SEEDS_PER_LOOK) {
        const some = seeds.slice(from, from + SEEDS_PER_LOOK)
        const roundsBefore = good.rounds
        const results = await inTurns(some, seed => runSeed(broker, served, seed))
        await good.served(1)
        expect(good.rounds).toBeGreaterThan(roundsBefore)
        const refused = await checkInside(broker, some, results)
        outcomes.refused += refused
        outcomes.others += some.length - refused
      }
      await good.stop()
      await broker.stop()
      if (seeds.length < SEEDS_PER_LOOK) return
      // Mutations that are all refused at once, or that change nothing, would prove little.
      expect(outcomes.refused).toBeGreaterThan(seeds.length / 5)
      expect(outcomes.others).toBeGreaterThan(seeds.length / 5)
    } finally {
      await broker.kill()
    }
  },
  SEEDS * MS_PER_SEED + PATIENCE_MS,
)

interface Result {
  readonly seed: number
  readonly peer: string
  /** By the broker, before the client was through with it. */
  readonly wasClosed: boolean
}

async function servedBy(target: Target): Promise<ServedApi[]> {
  const client = await RawClient.open(target)
  await client.send(apiVersions, 3, { clientSoftwareName: 'fuzz', clientSoftwareVersion: '1' })
  await client.until(() => client.frames.length === 1)
  client.reset()
  const { body } = decodeResponse(apiVersions, 3, client.frames[0] ?? new Uint8Array(0))
  return body.apiKeys.map(({ apiKey, minVersion, maxVersion }) => {
    const api = apiByKey(apiKey) ?? expect.fail(`the broker serves ${apiKey}`)
    return { api, min: Math.max(minVersion, api.versions.min), max: maxVersion }
  })
}

/** One sequence from connecting to the end of the connection. */
async function runSeed(target: Target, served: readonly ServedApi[], seed: number): Promise<Result> {
  const random = new SeededRandom(`live ${seed}`)
  const source = new RequestSource(random, served, schemas)
  const requests = Array.from({ length: random.integer(1, 8) }, () => source.next())
  const bytes = Buffer.concat(requests.map(request => request.bytes))
  // Some are left whole, so that what is mutated is known to be valid before.
  const sent = random.integer(0, 10) === 0 ? bytes : mutated(random, bytes)
  const client = await RawClient.open(target)
  const vanishes = random.integer(0, 5) === 0
  for (const piece of pieces(random, sent)) {
    if (client.wasClosed) break
    // Sometimes so fast that pieces arrive together.
    if (random.integer(0, 2) === 0) void client.write(piece)
    else await client.write(piece)
  }
  const untouched = untouchedRequests(requests, bytes, sent)
  await client.until(() => client.frames.length >= untouched.length)
  // What is refused closes the connection at once, with answers that were on their way.
  if (sent === bytes && requests.every(({ isPlain }) => isPlain) && client.frames.length < untouched.length)
    throw new Error(`seed ${seed}: closed after ${client.frames.length} answers to ${untouched.length} valid requests`)
  checkAnswers(client, untouched, seed)
  // What the broker says to the rest is known when it is through with it: at the end, unless something waits in it.
  const mayWait = requests.length > untouched.length && requests.some(({ isPlain }) => !isPlain)
  const { wasClosed } = client
  if (vanishes || mayWait) client.reset()
  else client.end()
  await client.closed
  return { seed, peer: client.peer, wasClosed }
}

/** Those in front of the first byte that differs, and in front of the first that nobody knows the answer to. */
function untouchedRequests(requests: readonly LiveRequest[], bytes: Buffer, sent: Buffer): readonly LiveRequest[] {
  let same = 0
  while (same < Math.min(bytes.length, sent.length) && bytes[same] === sent[same]) same++
  const untouched: LiveRequest[] = []
  let end = 0
  for (const request of requests) {
    end += request.bytes.length
    if (end > same || !request.isPlain) break
    untouched.push(request)
  }
  return untouched
}

function checkAnswers(client: RawClient, requests: readonly LiveRequest[], seed: number): void {
  for (const [index, { api, version }] of requests.entries()) {
    const frame = client.frames[index]
    if (frame === undefined) return
    const { header } = decodeResponse(api, version, frame)
    if (header.correlationId !== index + 1)
      throw new Error(`seed ${seed}: answer ${index} is one to ${header.correlationId}`)
  }
}

/** Each closed connection has its line, no line tells of a bug, nothing is left over. Gives the number of lines. */
async function checkInside(broker: LiveBroker, seeds: readonly number[], results: readonly Result[]): Promise<number> {
  const which = `seeds ${seeds[0]} to ${seeds.at(-1)} (alone: SAMSA_HOSTILE_SEED=N)`
  const last = await broker.until(({ connections }) => connections <= 1)
  const lines = broker.lines.splice(0)
  const told = new Map<string, LogLine[]>()
  for (const line of lines) {
    expect(line, which).toMatchObject({
      level: 'warn',
      message: 'a connection is closed',
      reason: expect.stringMatching(/./),
    })
    told.set(line.peer ?? '', [...(told.get(line.peer ?? '') ?? []), line])
  }
  for (const { seed, peer, wasClosed } of results) {
    const count = told.get(peer)?.length ?? 0
    if (wasClosed && count !== 1) throw new Error(`seed ${seed}: closed with ${count} lines in the log`)
    if (count > 1) throw new Error(`seed ${seed}: ${count} lines in the log`)
  }
  expect(last.longest.cpuMs, which).toBeLessThan(MOST_CPU_MS_A_TURN)
  return lines.length
}

async function inTurns(seeds: readonly number[], run: (seed: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const left = [...seeds]
  const worker = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      try {
        results.push(await inTime(run(seed)))
      } catch (error) {
        throw new Error(`seed ${seed} (alone: SAMSA_HOSTILE_SEED=${seed})`, { cause: error })
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

/** Nothing that is sent here takes long: what is not over by then hangs. */
async function inTime<Value>(running: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), SEED_DEADLINE_MS)
  })
  return Promise.race([running, late]).finally(() => clearTimeout(timer))
}

function* pieces(random: SeededRandom, bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = random.integer(0, 3) === 0 ? random.integer(1, 6) : random.integer(1, bytes.length + 1)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const NUMBERS = ['00', '01', '7f', '80', 'ff', '0000', '7fff', 'ffff', '00000000', '00ffffff', '7fffffff', 'ffffffff']

function mutated(random: SeededRandom, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes)
  for (let changes = random.integer(1, 4); changes > 0; changes--) {
    const at = random.integer(0, result.length + 1)
    const number = Buffer.from(NUMBERS[random.integer(0, NUMBERS.length)] ?? '', 'hex')
    switch (random.integer(0, 6)) {
      case 0:
        if (at < result.length) result[at] = (result[at] ?? 0) ^ (1 << random.integer(0, 8))
        break
      case 1:
        result = Buffer.concat([result.subarray(0, at), number, result.subarray(at + number.length)])
        break
      case 2:
        result = result.subarray(0, at)
        break
      case 3:
        result = Buffer.concat([
          result.subarray(0, at),
          Buffer.from(random.bytes(random.integer(1, 40))),
          result.subarray(at),
        ])
        break
      case 4:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + random.integer(1, 40))])
        break
      default:
        // The length of the first frame: too much, too little, nothing, everything.
        if (result.length >= 4) result.writeInt32BE(random.integer(-2, 2 * result.length), 0)
    }
  }
  return result
}

/**
 * What handing a record on costs: CPU time a record of `run()`, `for await` and `batches()`, beside taking the same records
 * with `poll()`. The cluster is in this process and answers with one batch over and over, so no socket is measured.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { Consumer } from '@samsa/consumer'
import { BatchBuilder, fetch } from '@samsa/protocol'
import { SeededRandom, silentLogger, systemClock } from '@samsa/runtime'

const RECORDS = Number(process.argv[2] ?? 2_000_000)
const ROUNDS = Number(process.argv[3] ?? 5)
const PER_BATCH = 5000
const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'

function batch() {
  const builder = new BatchBuilder({})
  const value = Buffer.alloc(92, 'x')
  for (let index = 0; index < PER_BATCH; index++) builder.append(1000, `key${index % 10000}`.padEnd(8, '0'), value, [])
  return builder
}

/** Each answer is the same batch under the offset that was asked for, which lies outside of the checksum. */
const bytes = batch().close({ baseOffset: 0, leaderEpoch: 0 })

function answerTo({ topics }) {
  const responses = topics.map(({ partitions }) => ({
    topic: 't',
    topicId,
    partitions: partitions.map(({ partition, fetchOffset }) => {
      const records = Buffer.from(bytes)
      records.writeBigInt64BE(BigInt(fetchOffset), 0)
      return {
        partitionIndex: partition,
        errorCode: 0,
        highWatermark: 1n << 50n,
        lastStableOffset: 1n << 50n,
        logStartOffset: 0n,
        abortedTransactions: [],
        preferredReadReplica: -1,
        currentLeader: { leaderId: -1, leaderEpoch: -1 },
        divergingEpoch: { epoch: -1, endOffset: -1n },
        records,
      }
    }),
  }))
  return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, nodeEndpoints: [], responses }
}

const partitions = [{ partition: 0, leader: 1, leaderEpoch: 0, replicas: [1], isr: [1], offlineReplicas: [] }]
const link = {
  nodeId: 1,
  broker: 'memory:1',
  isReady: true,
  wake() {},
  version: (_api, atMost = 16) => Math.min(16, atMost),
  async request(api, _version, body) {
    if (api.key !== fetch.key) throw new Error(`${api.name} is not answered here`)
    await turn()
    return answerTo(body)
  },
}
const cluster = () => ({
  clientId: 'benchmark',
  clock: systemClock,
  random: new SeededRandom(1),
  logger: silentLogger,
  link: () => link,
  onChange: () => () => {},
  close: async () => {},
  metadata: {
    nodes: [{ id: 1, host: 'memory', port: 1, rack: undefined }],
    topic: () => ({ name: 't', id: topicId, isInternal: false, partitions }),
    refresh() {},
    applyLeader() {},
  },
})

function consumer() {
  const made = new Consumer({ bootstrapServers: 'memory:1' }, { cluster: cluster() })
  made.assign([{ topic: 't', partition: 0 }])
  made.seek({ topic: 't', partition: 0 }, 0n)
  return made
}

async function byRun(options, handler) {
  const reader = consumer()
  const end = new AbortController()
  let count = 0
  const counted = handler(() => {
    if (++count === RECORDS) end.abort()
  })
  await reader.run(counted, { ...options, signal: end.signal })
  await reader.close()
}

const ways = {
  poll: async () => {
    const reader = consumer()
    for (let count = 0; count < RECORDS; ) for (const _ of await reader.poll(1000)) count++
    await reader.close()
  },
  'batches()': async () => {
    const reader = consumer()
    let count = 0
    for await (const records of reader.batches()) {
      for (const _ of records) count++
      if (count >= RECORDS) break
    }
    await reader.close()
  },
  'for await': async () => {
    const reader = consumer()
    let count = 0
    for await (const _ of reader) if (++count >= RECORDS) break
    await reader.close()
  },
  'run(), handler returns at once': () => byRun({}, done => () => done()),
  'run() by key, concurrency 16, handler returns at once': () =>
    byRun({ concurrency: 16, orderBy: 'key' }, done => () => done()),
  'run(), asynchronous handler': () => byRun({}, done => async () => done()),
}

for (const [name, way] of Object.entries(ways)) {
  const rounds = []
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage()
    await way()
    const { user, system } = process.cpuUsage(before)
    if (round > 0) rounds.push((user + system) / RECORDS)
  }
  rounds.sort((a, b) => a - b)
  const [least, middle] = [rounds[0], rounds[Math.floor(rounds.length / 2)]]
  console.log(`${name}: ${middle.toFixed(3)} µs CPU a record (least ${least.toFixed(3)})`)
}

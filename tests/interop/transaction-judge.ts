/**
 * The judge of programs that consume, transform and produce in transactions, whatever client they are written with: reads
 * back, with requests of the protocol alone, what a reader of committed records sees, where the group is, and which
 * transactions are open, and says how that should be.
 */
import type { Connection } from '@samsa/client'
import {
  describeTransactions,
  errorByCode,
  findCoordinator,
  listOffsets,
  listTransactions,
  offsetFetch,
} from '@samsa/protocol'
import { committedRecords } from '../behaviour/committed-records.js'
import { connectTo } from './stored-batches.js'

const GROUP_COORDINATOR = 0
const END_OF_LOG = -1n
const UNFINISHED = ['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence']

export interface Transformation {
  readonly topic: string
  readonly outputs: readonly string[]
  readonly groupId: string
  /** By partition, what was written to the topic before anybody read it. */
  readonly input: readonly (readonly string[])[]
}

/** What there is to see at one time. */
export interface TransactionHistory {
  /** By topic and partition, in the order of the log. */
  readonly outputs: readonly (readonly (readonly (string | null)[])[])[]
  /** Of all partitions of all outputs: how far behind its end each can be read. */
  readonly unstable: readonly number[]
  /** Of the group, by partition; a text where it is not settled. */
  readonly committed: readonly (number | string)[]
  /** Transactions that are not over, of anybody: `id: state`. */
  readonly unfinished: readonly string[]
}

export async function historyOf(address: string, transformation: Transformation): Promise<TransactionHistory> {
  const { outputs, input } = transformation
  const connection = await connectTo(address)
  try {
    const found = await Promise.all(
      outputs.map(output => Promise.all(input.map((_, partition) => committedRecords(connection, output, partition)))),
    )
    return {
      outputs: found.map(partitions => partitions.map(({ values }) => values)),
      unstable: found.flat().map(({ lastStableOffset, highWatermark }) => Number(highWatermark - lastStableOffset)),
      committed: await committedOf(connection, transformation),
      unfinished: await unfinished(connection),
    }
  } finally {
    connection.close()
  }
}

/** Every input exactly once in each output, in order; the group at the end; nothing left open, and nothing in a reader's way. */
export function wholeHistory({ outputs, input }: Transformation): TransactionHistory {
  const results = input.map(values => values.map(transformed))
  return {
    outputs: outputs.map(() => results),
    unstable: outputs.flatMap(() => input.map(() => 0)),
    committed: input.map(values => values.length),
    unfinished: [],
  }
}

/**
 * What is wrong at a time when not everything is done. Each output is the beginning of what it is to be, and where the group
 * is settled its place says how much of it: all that belongs to one transaction is seen at once.
 */
export function flawsOf(history: TransactionHistory, { outputs, input }: Transformation): string[] {
  return outputs.flatMap((output, topic) =>
    input.flatMap((values, partition) => {
      const seen = history.outputs[topic]?.[partition] ?? []
      const committed = history.committed[partition]
      const isStable = history.unstable[topic * input.length + partition] === 0
      const results = values.map(transformed)
      const wrong = seen.findIndex((value, index) => value !== results[index])
      const where = `${output}-${partition}`
      if (wrong >= 0) return [`${where}: ${seen[wrong]} stands where ${results[wrong]} belongs`]
      return isStable && typeof committed === 'number' && committed !== seen.length
        ? [`${where}: ${seen.length} can be seen, and the group is at ${committed}`]
        : []
    }),
  )
}

/** As DescribeTransactions has it. */
export async function transactionState(address: string, transactionalId: string): Promise<string> {
  const connection = await connectTo(address)
  try {
    const { transactionStates } = await connection.request(describeTransactions, 0, {
      transactionalIds: [transactionalId],
    })
    const { errorCode = 0, transactionState = '' } = transactionStates[0] ?? {}
    return errorCode === 0 ? transactionState : errorByCode(errorCode).name
  } finally {
    connection.close()
  }
}

/** How many records and markers the outputs have, whatever became of them. */
export async function writtenTo(address: string, { outputs, input }: Transformation): Promise<number> {
  const connection = await connectTo(address)
  try {
    const partitions = input.map((_, partitionIndex) => ({ partitionIndex, timestamp: END_OF_LOG }))
    const topics = outputs.map(name => ({ name, partitions }))
    const answer = await connection.request(listOffsets, 5, { replicaId: -1, isolationLevel: 0, topics })
    return answer.topics.flatMap(topic => topic.partitions).reduce((sum, { offset }) => sum + Number(offset), 0)
  } finally {
    connection.close()
  }
}

async function committedOf(connection: Connection, { topic, groupId, input }: Transformation) {
  await connection.request(findCoordinator, 4, { keyType: GROUP_COORDINATOR, coordinatorKeys: [groupId] })
  const topics = [{ name: topic, partitionIndexes: input.map((_, partition) => partition) }]
  const { groups } = await connection.request(offsetFetch, 8, { groups: [{ groupId, topics }], requireStable: true })
  const [group] = groups
  const committed: (number | string)[] = input.map(() => errorByCode(group?.errorCode ?? 0).name)
  // Where nothing was committed yet, the group begins at the start.
  for (const { partitionIndex, committedOffset, errorCode } of group?.topics[0]?.partitions ?? [])
    committed[partitionIndex] = errorCode === 0 ? Math.max(Number(committedOffset), 0) : errorByCode(errorCode).name
  return committed
}

async function unfinished(connection: Connection): Promise<string[]> {
  const answer = await connection.request(listTransactions, 0, { stateFilters: UNFINISHED, producerIdFilters: [] })
  if (answer.errorCode !== 0) throw new Error(`ListTransactions: ${errorByCode(answer.errorCode).name}`)
  return answer.transactionStates.map(
    ({ transactionalId, transactionState }) => `${transactionalId}: ${transactionState}`,
  )
}

function transformed(value: string): string {
  return `${value}!`
}

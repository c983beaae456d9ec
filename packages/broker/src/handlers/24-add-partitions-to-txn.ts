/**
 * AddPartitionsToTxn: partitions become part of a transaction, or (`verifyOnly`) are looked up in it.
 *
 * Versions 0 to 5; producers send one transaction in versions 0 to 3, brokers many from version 4 on. A partition that is
 * not there spoils its transaction's request, and the others are told that nothing was tried.
 */
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnRequestTransaction,
  type AddPartitionsToTxnResponse,
  type AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult,
  addPartitionsToTxn,
  type Decoded,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'
import { codeForVersion } from './transactional-codes.js'

const FIRST_VERSION_WITH_BATCHES = 4
const FIRST_VERSION_WITH_EPOCHS = 5

interface Deps {
  readonly image: MetadataImage
  readonly transactions: TransactionCoordinator
}

type Named = Pick<
  Decoded<AddPartitionsToTxnRequestTransaction>,
  'transactionalId' | 'producerId' | 'producerEpoch' | 'verifyOnly' | 'topics'
>
type TopicResult = AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult
/** The code of a partition, by the places of its topic and itself in the request. */
type CodeAt = (topicAt: number, partitionAt: number) => number

export function addPartitionsToTxnHandler(deps: Deps): Handler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> {
  return {
    api: addPartitionsToTxn,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, request) => {
      if (version < FIRST_VERSION_WITH_BATCHES) {
        const named = {
          transactionalId: request.v3AndBelowTransactionalId,
          producerId: request.v3AndBelowProducerId,
          producerEpoch: request.v3AndBelowProducerEpoch,
          verifyOnly: false,
          topics: merged(request.v3AndBelowTopics),
        }
        return { throttleTimeMs: 0, resultsByTopicV3AndBelow: await resultsOf(deps, named, version) }
      }
      const results = request.transactions.map(async named => ({
        transactionalId: named.transactionalId,
        topicResults: await resultsOf(deps, { ...named, topics: merged(named.topics) }, version),
      }))
      return { throttleTimeMs: 0, errorCode: 0, resultsByTransaction: await Promise.all(results) }
    },
  }
}

/** A topic that is named more than once is answered once. */
function merged(topics: Named['topics']): Named['topics'] {
  const all = new Map<string, Named['topics'][number]>()
  for (const topic of topics) {
    const partitions = new Set([...(all.get(topic.name)?.partitions ?? []), ...topic.partitions])
    all.set(topic.name, { ...topic, partitions: [...partitions] })
  }
  return [...all.values()]
}

async function resultsOf({ image, transactions }: Deps, named: Named, version: number): Promise<TopicResult[]> {
  const { transactionalId, topics, verifyOnly } = named
  const isKnown = (topic: string, partition: number): boolean =>
    image.topicByName(topic)?.partitions[partition] !== undefined
  const areAllKnown = topics.every(({ name, partitions }) => partitions.every(each => isKnown(name, each)))
  if (!areAllKnown) {
    return topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map(partitionIndex => ({
        partitionIndex,
        partitionErrorCode: codeOf(
          isKnown(name, partitionIndex) ? 'OPERATION_NOT_ATTEMPTED' : 'UNKNOWN_TOPIC_OR_PARTITION',
        ),
      })),
    }))
  }
  const request = {
    producerId: Number(named.producerId),
    producerEpoch: named.producerEpoch,
    partitions: topics.map(({ name, partitions }) => ({ topic: name, partitions })),
    clientVersion: version >= FIRST_VERSION_WITH_EPOCHS ? 2 : 0,
  } as const
  if (!verifyOnly) {
    const { errorCode } = await transactions.add(transactionalId, request)
    return told(named, () => codeForVersion(errorCode, version))
  }
  const found = await transactions.verify(transactionalId, request)
  return told(named, (topicAt, partitionAt) =>
    typeof found === 'number' ? found : (found[topicAt]?.[partitionAt] ?? 0),
  )
}

function told({ topics }: Named, codeAt: CodeAt): TopicResult[] {
  return topics.map(({ name, partitions }, topicAt) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex, partitionAt) => ({
      partitionIndex,
      partitionErrorCode: codeAt(topicAt, partitionAt),
    })),
  }))
}

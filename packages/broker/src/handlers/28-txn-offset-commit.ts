/**
 * TxnOffsetCommit: a group's positions as part of a transaction: they are there when it is committed, and never when it is
 * aborted.
 *
 * Versions 0 to 5. Members are checked from version 3 on, where requests name them. The groups' partition must be part of the
 * producer's open transaction; from version 5 on it becomes so by this.
 */
import {
  type Decoded,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitRequestTopic,
  type TxnOffsetCommitResponse,
  txnOffsetCommit,
} from '@samsa/protocol'
import type { Clock } from '@samsa/runtime'
import { type Coordinators, GROUP_TOPIC } from '../cluster/coordinators.js'
import { codeOf, type Partitions } from '../cluster/partitions.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { OffsetToCommit } from '../coordinator/group/group-shard.js'
import type { AdmissionSupport, TransactionAdmission } from '../coordinator/txn/transaction-admission.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_ABORTABLE = 4
const FIRST_VERSION_WITH_JOINING = 5

interface Deps {
  readonly image: MetadataImage
  readonly partitions: Partitions
  readonly groups: GroupCoordinator
  readonly coordinators: Coordinators
  readonly transactions: TransactionAdmission
  readonly clock: Clock
}

/** What a partition is answered, once it is known. */
interface Entry {
  readonly partitionIndex: number
  errorCode: number
}

export function txnOffsetCommitHandler(deps: Deps): Handler<TxnOffsetCommitRequest, TxnOffsetCommitResponse> {
  return {
    api: txnOffsetCommit,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, request) => {
      const offsets: OffsetToCommit[] = []
      const asked: Entry[] = []
      const topics = request.topics.map(topic => ({
        name: topic.name,
        partitions: entriesOf(deps, topic, { offsets, asked }),
      }))
      // As in Kafka, a group is asked only about what can be committed at all.
      if (asked.length === 0) return { throttleTimeMs: 0, topics }
      const code = await commit(deps, request, offsets, version)
      if (code !== 0) for (const entry of asked) entry.errorCode = code
      return { throttleTimeMs: 0, topics }
    },
  }
}

function entriesOf(
  { image, groups, clock }: Deps,
  { name, partitions }: Decoded<TxnOffsetCommitRequestTopic>,
  found: { readonly offsets: OffsetToCommit[]; readonly asked: Entry[] },
): Entry[] {
  const topic = image.topicByName(name)
  return partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => {
    if (topic?.partitions[partitionIndex] === undefined) {
      return { partitionIndex, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') }
    }
    const entry: Entry = { partitionIndex, errorCode: 0 }
    found.asked.push(entry)
    const metadata = committedMetadata ?? ''
    if (metadata.length > groups.limits.maxMetadataLength) {
      entry.errorCode = codeOf('OFFSET_METADATA_TOO_LARGE')
      return entry
    }
    const committed = {
      offset: committedOffset,
      leaderEpoch: committedLeaderEpoch,
      metadata,
      committedAtMs: clock.now(),
      expiresAtMs: undefined,
      topicId: topic.id,
    }
    found.offsets.push({ topic: name, partition: partitionIndex, committed })
    return entry
  })
}

async function commit(
  deps: Deps,
  request: Decoded<TxnOffsetCommitRequest>,
  offsets: readonly OffsetToCommit[],
  version: number,
): Promise<number> {
  const { groups, coordinators, partitions, transactions } = deps
  const { groupId, memberId, groupInstanceId, generationId, transactionalId, producerEpoch } = request
  if (groupId === '') return codeOf('INVALID_GROUP_ID')
  const producerId = Number(request.producerId)
  const index = coordinators.groupPartition(groupId)
  if (!groups.isHere(groupId)) return codeOf('NOT_COORDINATOR')
  // A test may have placed the group on a node that does not lead its partition.
  const partition = partitions.find({ name: GROUP_TOPIC }, index)
  const isKnown = typeof partition !== 'number' && partition.log.producers.hasOpenTransaction(producerId, producerEpoch)
  if (!isKnown) {
    const named = [{ topic: GROUP_TOPIC, partitions: [index] }]
    const asked = { transactionalId, producerId, producerEpoch, partitions: named, support: supportOf(version) }
    const admitted = transactions.admit(asked)
    const [first = 0] = admitted instanceof Promise ? await admitted : admitted
    // What was true when the wait began need not be when it is over.
    const [code = 0] = first === 0 && admitted instanceof Promise ? transactions.stillAdmitted(asked) : [first]
    if (code !== 0) return code
  }
  const member = { memberId, groupInstanceId, generationId }
  return groups.commitTransactional(groupId, member, offsets, { producerId, producerEpoch })
}

function supportOf(version: number): AdmissionSupport {
  if (version >= FIRST_VERSION_WITH_JOINING) return 'joins'
  return version >= FIRST_VERSION_WITH_ABORTABLE ? 'abortable' : 'none'
}

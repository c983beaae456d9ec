/**
 * Releases: which APIs older Kafkas serve, up to which version, and which features they report. A fact sheet, as brokers of
 * those releases answer ApiVersions: with ZooKeeper up to 3.0, without it from 3.9 on. An API that is not listed, a release
 * does not have, or it is one between brokers.
 *
 * The lowest versions are missing on purpose: they are the ones that this broker serves (KIP-896).
 */
export const releaseNames = ['2.1', '2.4', '2.8', '3.0', '3.9', '4.0'] as const

export type ReleaseName = (typeof releaseNames)[number]

export interface ReleaseFeature {
  readonly name: string
  readonly min: number
  readonly max: number
}

const NOT_THERE = -1

const ROWS: readonly (readonly [api: string, ...maxVersions: readonly number[]])[] = [
  ['Produce', 7, 8, 9, 9, 11, 12],
  ['Fetch', 10, 11, 12, 12, 17, 17],
  ['ListOffsets', 4, 5, 6, 7, 9, 10],
  ['Metadata', 7, 9, 11, 11, 12, 13],
  ['OffsetCommit', 6, 8, 8, 8, 9, 9],
  ['OffsetFetch', 5, 6, 7, 8, 9, 9],
  ['FindCoordinator', 2, 3, 3, 4, 6, 6],
  ['JoinGroup', 3, 6, 7, 7, 9, 9],
  ['Heartbeat', 2, 4, 4, 4, 4, 4],
  ['LeaveGroup', 2, 4, 4, 4, 5, 5],
  ['SyncGroup', 2, 4, 5, 5, 5, 5],
  ['DescribeGroups', 2, 5, 5, 5, 5, 6],
  ['ListGroups', 2, 3, 4, 4, 5, 5],
  ['SaslHandshake', 1, 1, 1, 1, 1, 1],
  ['ApiVersions', 2, 3, 3, 3, 4, 4],
  ['CreateTopics', 3, 5, 7, 7, 7, 7],
  ['DeleteTopics', 3, 4, 6, 6, 6, 6],
  ['DeleteRecords', 1, 1, 2, 2, 2, 2],
  ['InitProducerId', 1, 2, 4, 4, 5, 5],
  ['OffsetForLeaderEpoch', 2, 3, 4, 4, 4, 4],
  ['AddPartitionsToTxn', 1, 1, 3, 3, 5, 5],
  ['AddOffsetsToTxn', 1, 1, 3, 3, 4, 4],
  ['EndTxn', 1, 1, 3, 3, 4, 5],
  ['TxnOffsetCommit', 2, 2, 3, 3, 4, 5],
  ['DescribeAcls', 1, 1, 2, 2, 3, 3],
  ['CreateAcls', 1, 1, 2, 2, 3, 3],
  ['DeleteAcls', 1, 1, 2, 2, 3, 3],
  ['DescribeConfigs', 2, 2, 4, 4, 4, 4],
  ['AlterConfigs', 1, 1, 2, 2, 2, 2],
  ['AlterReplicaLogDirs', 1, 1, 2, 2, 2, 2],
  ['DescribeLogDirs', 1, 1, 2, 2, 4, 4],
  ['SaslAuthenticate', 0, 1, 2, 2, 2, 2],
  ['CreatePartitions', 1, 1, 3, 3, 3, 3],
  ['CreateDelegationToken', 1, 2, 2, 2, 3, 3],
  ['RenewDelegationToken', 1, 1, 2, 2, 2, 2],
  ['ExpireDelegationToken', 1, 1, 2, 2, 2, 2],
  ['DescribeDelegationToken', 1, 1, 2, 2, 3, 3],
  ['DeleteGroups', 1, 2, 2, 2, 2, 2],
  ['ElectLeaders', NOT_THERE, 2, 2, 2, 2, 2],
  ['IncrementalAlterConfigs', NOT_THERE, 1, 1, 1, 1, 1],
  ['AlterPartitionReassignments', NOT_THERE, 0, 0, 0, 0, 0],
  ['ListPartitionReassignments', NOT_THERE, 0, 0, 0, 0, 0],
  ['OffsetDelete', NOT_THERE, 0, 0, 0, 0, 0],
  ['DescribeClientQuotas', NOT_THERE, NOT_THERE, 1, 1, 1, 1],
  ['AlterClientQuotas', NOT_THERE, NOT_THERE, 1, 1, 1, 1],
  ['DescribeUserScramCredentials', NOT_THERE, NOT_THERE, 0, 0, 0, 0],
  ['AlterUserScramCredentials', NOT_THERE, NOT_THERE, 0, 0, 0, 0],
  ['DescribeQuorum', NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, 2, 2],
  ['UpdateFeatures', NOT_THERE, NOT_THERE, 0, 0, 1, 2],
  ['DescribeCluster', NOT_THERE, NOT_THERE, 0, 0, 1, 2],
  ['DescribeProducers', NOT_THERE, NOT_THERE, 0, 0, 0, 0],
  ['DescribeTransactions', NOT_THERE, NOT_THERE, NOT_THERE, 0, 0, 0],
  ['ListTransactions', NOT_THERE, NOT_THERE, NOT_THERE, 0, 1, 1],
  ['ConsumerGroupHeartbeat', NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, 0, 1],
  ['ConsumerGroupDescribe', NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, 0, 1],
  ['ListConfigResources', NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, 0, 0],
  ['DescribeTopicPartitions', NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, 0, 0],
]

const FEATURES: Readonly<Partial<Record<ReleaseName, readonly ReleaseFeature[]>>> = {
  '3.9': [{ name: 'metadata.version', min: 1, max: 21 }],
  '4.0': [
    { name: 'metadata.version', min: 7, max: 25 },
    { name: 'group.version', min: 0, max: 1 },
    { name: 'transaction.version', min: 0, max: 2 },
  ],
}

/** The highest version of each API that a release has, by the API's name. */
export function releaseVersions(release: ReleaseName): ReadonlyMap<string, number> {
  const column = releaseNames.indexOf(release)
  const versions = new Map<string, number>()
  for (const [api, ...maxVersions] of ROWS) {
    const max = maxVersions[column] ?? NOT_THERE
    if (max !== NOT_THERE) versions.set(api, max)
  }
  return versions
}

/** What a release says that it understands; a new cluster of it uses the highest levels. */
export function releaseFeatures(release: ReleaseName): readonly ReleaseFeature[] {
  return FEATURES[release] ?? []
}

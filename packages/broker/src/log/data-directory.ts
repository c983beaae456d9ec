/**
 * What stands in a data directory beside the partitions: whose it is (`meta.properties`), whether its last owner stopped
 * cleanly (`.kafka_cleanshutdown`), and how the directories of partitions are named. Formats only.
 */
import { isUuid, type Uuid, uuidFromBytes } from '@samsa/protocol'
import { KafkaError, type Random } from '@samsa/runtime'
import type { FileSystem } from '../storage/file-system.js'

export const META_PROPERTIES = 'meta.properties'
export const CLEAN_SHUTDOWN = '.kafka_cleanshutdown'
/** The metadata log: one partition that no client creates, deletes or retains. */
export const METADATA_TOPIC = '__cluster_metadata'

const LONGEST_NAME = 255

export interface DirectoryIdentity {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: Uuid
}

export interface PartitionName {
  readonly topic: string
  readonly partition: number
}

/** Whose directory it is; makes it ours when it is nobody's yet. A directory of another node or cluster is refused. */
export function claimDirectory(
  fileSystem: FileSystem,
  dataDir: string,
  wanted: { readonly nodeId: number; readonly clusterId?: string | undefined; readonly random: Random },
): DirectoryIdentity {
  const path = `${dataDir}/${META_PROPERTIES}`
  fileSystem.makeDirectory(dataDir)
  if (!fileSystem.exists(path)) {
    mustBeNobodys(fileSystem, dataDir)
    const { nodeId, clusterId = newUuid(wanted.random) } = wanted
    const identity = { clusterId, nodeId, directoryId: newUuid(wanted.random) }
    fileSystem.writeFileAtomically(path, encodeIdentity(identity))
    return identity
  }
  const identity = decodeIdentity(fileSystem.readFile(path).toString('utf8'), path)
  if (identity.nodeId !== wanted.nodeId) {
    throw foreign(`${dataDir} belongs to node ${identity.nodeId}, and this is node ${wanted.nodeId}.`)
  }
  if (wanted.clusterId !== undefined && wanted.clusterId !== identity.clusterId) {
    throw foreign(`${dataDir} belongs to the cluster ${identity.clusterId}, not to ${wanted.clusterId}.`)
  }
  return identity
}

/** What is no log directory yet becomes one, but not a directory in which somebody keeps something else. */
function mustBeNobodys(fileSystem: FileSystem, dataDir: string): void {
  const isOurs = (name: string): boolean =>
    name.startsWith('.') ||
    name === 'lost+found' ||
    name.startsWith(META_PROPERTIES) ||
    name.endsWith('-checkpoint') ||
    parsePartitionName(name) !== undefined
  const other = fileSystem.list(dataDir).find(name => !isOurs(name))
  if (other === undefined) return
  throw foreign(
    `${dataDir} is not empty and no log directory: it holds '${other}'. Give the broker a directory of its own.`,
  )
}

/** True once after a clean stop: the mark is taken away, so that a crash from now on is one. */
export function takeCleanShutdownMark(fileSystem: FileSystem, dataDir: string): boolean {
  const path = `${dataDir}/${CLEAN_SHUTDOWN}`
  if (!fileSystem.exists(path)) return false
  fileSystem.remove(path)
  return true
}

export function writeCleanShutdownMark(fileSystem: FileSystem, dataDir: string, brokerEpoch: number): void {
  const mark = JSON.stringify({ version: 0, brokerEpoch })
  fileSystem.writeFileAtomically(`${dataDir}/${CLEAN_SHUTDOWN}`, Buffer.from(mark))
}

/** Undefined when the name is not that of a partition's directory. */
export function parsePartitionName(name: string): PartitionName | undefined {
  const match = /^([a-zA-Z0-9._-]+)-(\d{1,10})$/.exec(name)
  const topic = match?.[1]
  return topic === undefined ? undefined : { topic, partition: Number(match?.[2]) }
}

/** The name of a partition's directory that is out of use: `delete` waits for its removal, `stray` is kept. */
export function retiredDirectoryName(
  { topic, partition }: PartitionName,
  random: Random,
  why: 'delete' | 'stray',
): string {
  const suffix = `-${partition}.${Buffer.from(random.bytes(16)).toString('hex')}-${why}`
  return topic.slice(0, LONGEST_NAME - suffix.length) + suffix
}

export function isDeletedDirectory(name: string): boolean {
  return /-\d+\.[0-9a-f]{32}-delete$/.test(name)
}

/** NaN for a directory that is not a deleted partition's. */
export function partitionOfDeleted(name: string): number {
  return Number(/-(\d+)\.[0-9a-f]{32}-delete$/.exec(name)?.[1])
}

function newUuid(random: Random): Uuid {
  for (let draw = 0; draw < 100; draw++) {
    const uuid = uuidFromBytes(random.bytes(16))
    // On a command line a leading dash would begin an option.
    if (!uuid.startsWith('-')) return uuid
  }
  throw new RangeError('the source of randomness gives no uuid')
}

function encodeIdentity({ clusterId, nodeId, directoryId }: DirectoryIdentity): Buffer {
  const lines = ['#', `node.id=${nodeId}`, `directory.id=${directoryId}`, 'version=1', `cluster.id=${clusterId}`, '']
  return Buffer.from(lines.join('\n'))
}

function decodeIdentity(text: string, path: string): DirectoryIdentity {
  const properties = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([^#!=\s]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) properties.set(match[1], match[2])
  }
  const nodeId = Number(properties.get('node.id'))
  const clusterId = properties.get('cluster.id')
  const directoryId = properties.get('directory.id')
  if (properties.get('version') !== '1') {
    throw foreign(`${path} has version ${properties.get('version') ?? '(none)'}; Samsa opens directories of version 1.`)
  }
  if (!Number.isInteger(nodeId) || clusterId === undefined || directoryId === undefined || !isUuid(directoryId)) {
    throw foreign(`${path} does not tell node.id, cluster.id and directory.id.`)
  }
  return { clusterId, nodeId, directoryId }
}

function foreign(message: string): KafkaError {
  return new KafkaError(message, { code: 'INCONSISTENT_DATA_DIRECTORY', fatal: true })
}

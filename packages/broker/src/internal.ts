/**
 * The door for sibling packages: what tests of whole logs need, beside the broker itself.
 */
export { logConfigOf, topicConfigs } from './config/topic-configs.js'
export { hashOfTopics } from './coordinator/group/group-topics.js'
export { type CleanerSettings, LogCleaner } from './log/cleaner/log-cleaner.js'
export type { LogConfig } from './log/log-config.js'
export { PartitionLog } from './log/partition-log.js'
export { RecentBatches } from './log/recent-batches.js'
export type { EntryFate } from './storage/directory-journal.js'
export { DiskFileSystem, type DiskOptions } from './storage/disk.js'
export { type DiskCalls, nodeCalls } from './storage/disk-calls.js'
export {
  type CrashKind,
  type DiskFault,
  type DiskOperation,
  FaultyFileSystem,
  type FaultyFileSystemOptions,
} from './storage/faulty.js'
export type { FileHandle, FileSystem } from './storage/file-system.js'
export { MemoryFileSystem } from './storage/memory.js'

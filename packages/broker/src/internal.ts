/**
 * The door for sibling packages: what tests of whole logs need, beside the broker itself.
 */
export { logConfigOf, topicConfigs } from './config/topic-configs.js'
export { type CleanerSettings, LogCleaner } from './log/cleaner/log-cleaner.js'
export type { LogConfig } from './log/log-config.js'
export { PartitionLog } from './log/partition-log.js'
export { RecentBatches } from './log/recent-batches.js'
export { DiskFileSystem } from './storage/disk.js'
export type { FileSystem } from './storage/file-system.js'
export { MemoryFileSystem } from './storage/memory.js'

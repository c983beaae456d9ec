/**
 * The door for sibling packages.
 */
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

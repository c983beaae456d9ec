/**
 * The door for sibling packages.
 */
export type { EntryFate } from './storage/directory-journal.js'
export {
  type CrashKind,
  type DiskFault,
  type DiskOperation,
  FaultyFileSystem,
  type FaultyFileSystemOptions,
} from './storage/faulty.js'

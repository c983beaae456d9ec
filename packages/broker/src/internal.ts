/**
 * The door for sibling packages.
 */
export { DiskFileSystem, type DiskOptions } from './storage/disk.js'
export { type DiskCalls, nodeCalls } from './storage/disk-calls.js'
export type { FileHandle, FileSystem } from './storage/file-system.js'

/**
 * FileSystem: what the broker asks of a disk. Three implementations: the disk (`disk.ts`), memory (`memory.ts`), and a
 * simulated disk that fails and loses power, for proofs (`faulty.ts`). Nothing else in the broker touches node:fs.
 *
 * Contract. Writes and metadata operations are synchronous: when they return, every later read sees them and a crash of
 * the process (not of the machine) keeps them. What must survive a loss of power needs `sync` of the file, and of the
 * directory where an entry was made, renamed or removed. `sync` may run while writes go on; it covers what was written
 * before it was called. Errors are `StorageError` with the path and the operation.
 */
export interface FileSystem {
  /** Opens for reading and writing. With `create` the file may be new; without, it must exist. */
  open(path: string, options?: { readonly create?: boolean }): FileHandle
  exists(path: string): boolean
  /** Names in a directory, unsorted, files and directories alike. */
  list(path: string): string[]
  isDirectory(path: string): boolean
  sizeOf(path: string): number
  readFile(path: string): Buffer
  /** Replaces a small file whole: new content beside it, synced, renamed over it, directory synced. Never a mixture. */
  writeFileAtomically(path: string, content: Uint8Array): void
  /** Makes a directory and those above it. */
  makeDirectory(path: string): void
  rename(from: string, to: string): void
  /** Removes a file; not finding it is no error. */
  remove(path: string): void
  /** Removes a directory with all that is in it; not finding it is no error. */
  removeDirectory(path: string): void
  syncDirectory(path: string): Promise<void>
  /** The same, and blocks until it is done: for a start, and for what is rare. */
  syncDirectoryNow(path: string): void
  /** Free and total bytes of the volume under `path`. */
  space(path: string): { readonly total: number; readonly usable: number }
}

export interface FileHandle {
  readonly path: string
  readonly size: number
  /** Writes all chunks at the end with as few system calls as possible. When it throws, the file is cut to what it was. */
  append(chunks: readonly Uint8Array[]): void
  /** Overwrites inside the file, or at its end. */
  writeAt(position: number, bytes: Uint8Array): void
  /** Up to `length` bytes from `position`; fewer at the end of the file. Blocks: for small and rare reads. */
  readSync(position: number, length: number): Buffer
  /** Fills `target` from `position`, off the event loop. Resolves to what was filled of it: less at the end of the file. */
  read(position: number, target: Buffer): Promise<Buffer>
  truncate(size: number): void
  /** Resolves when everything written before the call is on disk. */
  sync(): Promise<void>
  close(): void
}

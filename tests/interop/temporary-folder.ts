/**
 * A folder that is there for a test and gone after it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder {
  readonly path: string
  /** With all that is in it. */
  remove(): void
}

export function temporaryFolder(parent: string = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(parent, 'samsa-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

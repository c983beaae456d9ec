/**
 * Files of tests. A test file that uses any removes them behind its tests: `afterAll(removeTemporaryFiles)`. The end of the
 * process would be too late, for a worker of the test runner is ended without being told.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []

export function temporaryPath(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'samsa-eos-'))
  folders.push(folder)
  return join(folder, name)
}

export function removeTemporaryFiles(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

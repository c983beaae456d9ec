/**
 * Files of tests, in a folder that goes with the process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function temporaryPath(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'samsa-eos-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

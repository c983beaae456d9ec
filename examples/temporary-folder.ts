/**
 * A folder for the files of an example, gone when the example is over, also by an error. A program of your own names a place.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function temporaryFolder(): Disposable & { file(name: string): string; readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'samsa-example-'))
  return {
    path,
    file: name => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

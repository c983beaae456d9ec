/**
 * An example as a process of its own, as `npm run example -- NAME` starts it once everything is built.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const RUNNER = fileURLToPath(new URL('../../examples/dist/run.js', import.meta.url))
const DEADLINE_MS = 25_000

export interface ExampleEnd {
  /** Null when it was ended by the deadline. */
  readonly status: number | null
  readonly lines: readonly string[]
  readonly errors: string
}

/** Without an address it starts a broker of its own. */
export async function runExample(name: string | undefined, bootstrapServers?: string): Promise<ExampleEnd> {
  const { BOOTSTRAP_SERVERS: _, ...environment } = process.env
  const child = spawn(process.execPath, ['--no-warnings', RUNNER, ...(name === undefined ? [] : [name])], {
    env: bootstrapServers === undefined ? environment : { ...environment, BOOTSTRAP_SERVERS: bootstrapServers },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += text
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, lines: output.split('\n').slice(0, -1), errors }
}

/**
 * Runs a program to its end without blocking: input goes in, both outputs come back as they were, byte for byte.
 */
import { spawn, spawnSync } from 'node:child_process'

const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024
const DEADLINE_MS = 120_000

export interface ProgramResult {
  readonly status: number
  readonly output: Buffer
  readonly errors: string
}

/** Rejects when it cannot be started, ends by a signal, takes minutes, or prints beyond all measure. */
export function runProgram(
  command: string,
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe', timeout: DEADLINE_MS, killSignal: 'SIGKILL' })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    let bytes = 0
    const gather =
      (chunks: Buffer[]) =>
      (chunk: Buffer): void => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > OUTPUT_LIMIT_BYTES) child.kill('SIGKILL')
      }
    child.stdout.on('data', gather(output))
    child.stderr.on('data', gather(errors))
    child.once('error', reject)
    // A program that ends before it has read everything closes the pipe; its exit status tells more than that.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.once('close', (status, signal) => {
      const said = Buffer.concat(errors).toString('utf8')
      if (status === null) reject(new Error(`${command} ${args.join(' ')} ended by ${signal}: ${said}`))
      else resolve({ status, output: Buffer.concat(output), errors: said })
    })
  })
}

/** The same, and rejects with what it said when it fails. */
export async function mustRun(command: string, args: readonly string[], input?: string | Uint8Array): Promise<Buffer> {
  const { status, output, errors } = await runProgram(command, args, input)
  if (status === 0) return output
  throw new Error(`${command} ${args.join(' ')} failed with ${status}: ${errors}\n${output.toString('utf8')}`)
}

/** Whether a program is there at all. */
export function isInstalled(command: string, ...args: readonly string[]): boolean {
  const { error } = spawnSync(command, args, { stdio: 'ignore' })
  return error === undefined
}

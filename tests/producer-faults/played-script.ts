/**
 * What every simulation does with a script that a seed has drawn: it is played so that whatever is thrown anywhere is a
 * problem of that seed, and it is written out where there was one.
 */

/** Never rejects. What `play` throws, and what nobody catches meanwhile, is told. */
export async function played(play: () => Promise<void>, problem: (text: string) => void): Promise<void> {
  const thrown = (error: unknown): void => problem(`not caught: ${textOf(error)}`)
  process.on('unhandledRejection', thrown)
  process.on('uncaughtException', thrown)
  try {
    await play()
  } catch (error) {
    problem(textOf(error))
  } finally {
    process.off('unhandledRejection', thrown)
    process.off('uncaughtException', thrown)
  }
}

export function describeScript(script: { readonly seed: string; readonly steps: readonly unknown[] }): string {
  const { seed, steps, ...rest } = script
  const lines = steps.map((step, index) => `  ${index}: ${JSON.stringify(step)}`)
  return [`seed '${seed}'`, JSON.stringify(rest), ...lines].join('\n')
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

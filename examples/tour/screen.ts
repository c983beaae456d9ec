/**
 * What the tour says: lines for a person, with a bar that grows on a terminal and a line at every quarter elsewhere. Colours
 * only on a terminal, and not with NO_COLOR. Owns nothing but whether the bar has to be wiped away.
 */

export interface Screen {
  /** A step begins; the file is where its code lies. */
  step(title: string, file: string): void
  line(text: string): void
  /** How far something is that lasts. */
  progress(done: number, total: number, perSecond: number): void
  check(isPassed: boolean, text: string): void
}

/** As much of a stream as is used; `process.stdout` is one. */
export interface Output {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/** Says nothing, for those who want the outcome only. */
export const silentScreen: Screen = { step() {}, line() {}, progress() {}, check() {} }

const BAR_WIDTH = 32
/** Of the whole, the least that is worth drawing the bar anew. */
const BAR_STEPS = 200
const QUARTERS = 4
const TITLE_WIDTH = 40
const WIPE = '\r\x1b[K'

export function screenOn(output: Output, environment: NodeJS.ProcessEnv = process.env): Screen {
  const isTerminal = output.isTTY === true && environment['TERM'] !== 'dumb'
  const isColourful = isTerminal && (environment['NO_COLOR'] ?? '') === ''
  const coloured = (code: number, text: string): string => (isColourful ? `\x1b[${code}m${text}\x1b[0m` : text)
  let steps = 0
  let reached = 0
  let hasBar = false

  function say(text: string): void {
    output.write(`${hasBar ? WIPE : ''}${text}\n`)
    hasBar = false
  }

  return {
    step(title, file) {
      steps++
      reached = 0
      say(`\n${coloured(1, `${steps}  ${title}`.padEnd(TITLE_WIDTH))} ${coloured(2, file)}`)
    },
    line: text => say(`   ${text}`),
    check(isPassed, text) {
      say(`   ${isPassed ? coloured(32, '✓') : coloured(31, '✗')} ${text}`)
    },
    progress(done, total, perSecond) {
      const part = Math.min(1, done / total)
      const step = Math.floor(part * (isTerminal ? BAR_STEPS : QUARTERS))
      if (step <= reached) return
      reached = step
      const figures = `${counted(done).padStart(counted(total).length)} of ${counted(total)}  ${counted(perSecond)}/s`
      if (!isTerminal) {
        say(`   ${figures}`)
        return
      }
      const filled = Math.round(part * BAR_WIDTH)
      const bar = coloured(36, '█'.repeat(filled)) + coloured(2, '░'.repeat(BAR_WIDTH - filled))
      output.write(`${WIPE}   ${bar}  ${figures}`)
      hasBar = true
    },
  }
}

/** 12345 as 12,345, whatever the language of the machine. */
export function counted(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

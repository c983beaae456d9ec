/**
 * Scenarios in a folder of text files: a line that says what a scenario is about, commands, and below each command the
 * trace that it leaves. Plays them, and writes traces anew.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

export interface Scenario {
  readonly title: string
  readonly body: string
}

/** What plays a scenario: one line in, what came of it out. */
export interface Script {
  run(line: string): string
}

export class ScenarioFolder {
  readonly names: readonly string[]
  readonly #folder: string
  readonly #newScript: () => Script

  constructor(folder: string, newScript: () => Script) {
    this.#folder = folder
    this.#newScript = newScript
    this.names = readdirSync(folder).filter(name => name.endsWith('.txt'))
  }

  /** A scenario begins with a line that says what it is about. */
  scenarios(name: string): Scenario[] {
    return readFileSync(this.#folder + name, 'utf8')
      .split(/^# /m)
      .slice(1)
      .map(part => {
        const end = part.indexOf('\n')
        return { title: part.slice(0, end), body: `${part.slice(end + 1).trim()}\n` }
      })
  }

  rewrite(): void {
    for (const name of this.names) {
      const text = this.scenarios(name).map(({ title, body }) => `# ${title}\n${this.played(body)}`)
      writeFileSync(this.#folder + name, text.join('\n'))
    }
  }

  /** The commands, with what they come to. */
  played(body: string): string {
    const script = this.#newScript()
    const lines: string[] = []
    let isTrace = false
    for (const line of body.split('\n')) {
      if (line === '----') isTrace = true
      else if (line === '') isTrace = false
      else if (!isTrace) {
        if (lines.length > 0 && lines.at(-1) !== '') lines.push('')
        const trace = script.run(line)
        lines.push(line, ...(trace === '' ? [] : ['----', trace, '']))
      }
    }
    return `${lines
      .join('\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim()}\n`
  }
}

/**
 * The classic group, told as scenarios: `scenarios/*.txt`, each a list of commands with the trace that follows. With
 * REWRITE=1 the traces are written anew, to be read as a difference and explained.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { GroupScript } from './test-script.js'

const FOLDER = fileURLToPath(new URL('./scenarios/', import.meta.url))
const files = readdirSync(FOLDER).filter(name => name.endsWith('.txt'))

interface Scenario {
  readonly title: string
  readonly body: string
}

test('there are scenarios', () => {
  expect(files.flatMap(name => scenariosIn(read(name))).length).toBeGreaterThanOrEqual(25)
})

describe.each(files)('%s', name => {
  test.each(scenariosIn(read(name)))('$title', ({ body }) => {
    expect(played(body)).toBe(body)
  })
})

if (process.env['REWRITE'] === '1') {
  for (const name of files) {
    const scenarios = scenariosIn(read(name))
    const text = scenarios.map(({ title, body }) => `# ${title}\n${played(body)}`).join('\n')
    writeFileSync(FOLDER + name, text)
  }
}

function read(name: string): string {
  return readFileSync(FOLDER + name, 'utf8')
}

/** A scenario begins with a line that says what it is about. */
function scenariosIn(text: string): Scenario[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map(part => {
      const end = part.indexOf('\n')
      return { title: part.slice(0, end), body: `${part.slice(end + 1).trim()}\n` }
    })
}

/** The commands, with what they come to. */
function played(body: string): string {
  const script = new GroupScript()
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

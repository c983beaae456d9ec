/**
 * Names and comments in emitted code.
 */
const LINE_WIDTH = 118

/** `FindCoordinator` → `findCoordinator`; a leading run of capitals is one word: `KRaftVersion` → `kRaftVersion`. */
export function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** A string default as a literal. */
export function constantName(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A doc comment of a text and lines after it; empty when there is nothing to say. */
export function docComment(text: string, lines: readonly string[], margin: string): string {
  const body = [
    ...wrap(text, LINE_WIDTH - margin.length - 3),
    ...lines.flatMap(line => wrapItem(line, LINE_WIDTH - margin.length - 3)),
  ]
  if (body.length === 0) return ''
  const [only] = body
  if (body.length === 1 && only !== undefined && only.length < LINE_WIDTH - margin.length - 7)
    return `${margin}/** ${only} */\n`
  return `${margin}/**\n${body.map(line => `${margin} * ${line}`.trimEnd()).join('\n')}\n${margin} */\n`
}

function wrapItem(line: string, width: number): string[] {
  return wrap(line, width - 2).map((part, index) => (index === 0 ? part : `  ${part}`))
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

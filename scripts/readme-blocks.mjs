/**
 * Finds the TypeScript blocks of a Markdown text. Pure.
 */

/**
 * Every block fenced with ```ts, as `{ line, code, run }`: the line of its first line of code, and whether it is meant
 * to run. A block marked `ts no-run` is compiled only. Blocks in a list lose the list's indentation.
 */
export function typeScriptBlocks(markdown) {
  const blocks = []
  let open
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^(\s*)```(.*)$/.exec(line)
    if (fence === null) {
      open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    } else if (open === undefined) {
      const [language, ...marks] = fence[2].trim().split(/\s+/)
      open = { indent: fence[1], language, run: !marks.includes('no-run'), line: index + 2, lines: [] }
    } else {
      if (open.language === 'ts') blocks.push({ line: open.line, code: open.lines.join('\n'), run: open.run })
      open = undefined
    }
  }
  return blocks
}

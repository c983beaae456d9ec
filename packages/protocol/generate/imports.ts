/**
 * The import lines of one emitted module.
 */
export class Imports {
  readonly #types = new Map<string, string>()
  readonly #values = new Map<string, string>()

  type(name: string, from: string): void {
    this.#types.set(name, from)
  }

  value(name: string, from: string): void {
    this.#values.set(name, from)
  }

  /** The import lines for the names that `body` uses. */
  emit(body: string): string {
    const isUsed = ([name]: [string, string]): boolean => new RegExp(`\\b${name}\\b`).test(body)
    const usedTypes = [...this.#types].filter(isUsed)
    const usedValues = [...this.#values].filter(isUsed)
    const files = [...new Set([...usedTypes, ...usedValues].map(([, from]) => from))].sort()
    return files
      .map(file => {
        const values = usedValues.filter(([, from]) => from === file).map(([name]) => name)
        const types = usedTypes.filter(([, from]) => from === file).map(([name]) => name)
        const names = [...values, ...types.map(name => (values.length === 0 ? name : `type ${name}`))].sort(byName)
        return `import ${values.length === 0 ? 'type ' : ''}{ ${names.join(', ')} } from '${file}'\n`
      })
      .join('')
  }
}

function byName(a: string, b: string): number {
  return a.replace('type ', '') < b.replace('type ', '') ? -1 : 1
}

/**
 * One package that may be absent: asked for on first use, once, and the reason why it is not there is kept.
 *
 * A native package can be found and still not load (built for another Node, for another system, or not built at all),
 * so only a `require` that returned says that it is there. Loading is synchronous: codecs are.
 */
import { createRequire } from 'node:module'

/** Finds a module by name or throws: `require` in earnest, anything in tests. */
export type LoadModule = (moduleName: string) => unknown

export const requireModule: LoadModule = createRequire(import.meta.url)

export class OptionalPackage<Module> {
  readonly name: string
  readonly #moduleName: string
  readonly #isUsable: (module: unknown) => module is Module
  readonly #load: LoadModule
  #module: Module | undefined
  #tried = false
  #cause: unknown

  /** `moduleName` is what to `require`, where it is not the package itself. */
  constructor(
    name: string,
    isUsable: (module: unknown) => module is Module,
    load: LoadModule = requireModule,
    moduleName: string = name,
  ) {
    this.name = name
    this.#moduleName = moduleName
    this.#isUsable = isUsable
    this.#load = load
  }

  get(): Module | undefined {
    if (!this.#tried) this.#try()
    return this.#module
  }

  /** What the loading threw. */
  get cause(): unknown {
    return this.#cause
  }

  /** What is wrong with the package and what to do: completes the sentence "… needs the package x, which …". */
  whyMissing(): string {
    if (this.get() !== undefined) return 'is installed'
    const cause = this.#cause
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND'
    if (isAbsent && cause.message.includes(this.name))
      return `is not installed: install it with "npm install ${this.name}"`
    const text = cause instanceof Error ? cause.message : String(cause)
    const line = text.split('\n', 1)[0]
    return `is installed but does not load (${line}): build it for this Node with "npm rebuild ${this.name}"`
  }

  #try(): void {
    this.#tried = true
    try {
      const module = this.#load(this.#moduleName)
      if (this.#isUsable(module)) this.#module = module
      else this.#cause = new Error('it lacks the functions that are used of it')
    } catch (cause) {
      this.#cause = cause
    }
  }
}

/** Whether `module` has all of these functions. */
export function hasFunctions(module: unknown, ...names: readonly string[]): boolean {
  if (module === null || (typeof module !== 'object' && typeof module !== 'function')) return false
  return names.every(name => typeof Reflect.get(module, name) === 'function')
}

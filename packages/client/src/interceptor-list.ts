/**
 * InterceptorList: hooks of the application, called in the order of the list. What one of them throws is logged and changes
 * nothing. Beside it, what producer and consumer check of the option that names them.
 */
import type { Logger } from '@samsa/runtime'

export class InterceptorList<Interceptor extends { close?(): void }> {
  readonly #list: readonly Interceptor[]
  readonly #logger: Logger

  constructor(list: readonly Interceptor[], logger: Logger) {
    this.#list = list
    this.#logger = logger
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  /** `method` is for the log. */
  each(method: string, call: (interceptor: Interceptor) => void): void {
    for (const interceptor of this.#list) {
      try {
        call(interceptor)
      } catch (error) {
        this.#logger.warn({ method, err: error }, 'an interceptor threw')
      }
    }
  }

  close(): void {
    this.each('close', interceptor => interceptor.close?.())
  }
}

/** Whether these members of a value, where it has them, can be called. */
export function mayBeCalled(value: unknown, names: readonly string[]): value is object {
  if (typeof value !== 'object' || value === null) return false
  return names.every(name => {
    const member: unknown = Reflect.get(value, name)
    return member === undefined || typeof member === 'function'
  })
}

/** `interceptor.classes` names classes of Java, which are none of ours: it may be there, and must be empty. */
export function noInterceptorsFrom(text: string): readonly never[] | undefined {
  return text.trim() === '' ? [] : undefined
}

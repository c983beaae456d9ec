/**
 * What one name of a topic may stand for: while a change has no answer, either what was or what was asked for. A topic
 * that is made anew under the same name is another incarnation, with partitions of its own.
 */
import { PartitionModel } from './partition-model.js'

export interface TopicState {
  readonly incarnation: number
  readonly partitions: number
  readonly configs: ReadonlyMap<string, string>
}

/** What a broker says of a topic. */
export interface ObservedTopic {
  readonly id: string
  readonly partitions: number
  readonly configs: ReadonlyMap<string, string>
}

export function isCompacted({ configs }: TopicState): boolean {
  return configs.get('cleanup.policy')?.includes('compact') === true
}

/** Whether retention and DeleteRecords may take records away. */
export function isDeleted({ configs }: TopicState): boolean {
  return configs.get('cleanup.policy') !== 'compact'
}

export class TopicModel {
  readonly name: string
  /** One, or, while it is not known which, several. */
  #possible: (TopicState | undefined)[] = [undefined]
  readonly #ids = new Map<number, string>()
  readonly #partitions = new Map<number, PartitionModel[]>()
  #incarnations = 0

  constructor(name: string) {
    this.name = name
  }

  /** What it was before the last change that has no answer, or is. */
  get state(): TopicState | undefined {
    return this.#possible[0]
  }

  get latest(): TopicState | undefined {
    return this.#possible.at(-1)
  }

  get isCertain(): boolean {
    return this.#possible.length === 1
  }

  nextIncarnation(): number {
    return ++this.#incarnations
  }

  /** A change was asked for. */
  asked(after: TopicState | undefined): void {
    this.#possible.push(after)
    if (after !== undefined) this.partitions(after)
  }

  acknowledged(id?: string): void {
    this.#possible = this.#possible.slice(-1)
    const { state } = this
    if (state !== undefined && id !== undefined) this.#ids.set(state.incarnation, id)
  }

  refused(): void {
    this.#possible.pop()
  }

  partitions(state: TopicState): PartitionModel[] {
    const known = this.#partitions.get(state.incarnation) ?? []
    this.#partitions.set(state.incarnation, known)
    while (known.length < state.partitions) {
      known.push(new PartitionModel(`${this.name}.${state.incarnation}-${known.length}`))
    }
    if (isCompacted(state)) for (const partition of known) partition.mayBeCompacted = true
    return known.slice(0, state.partitions)
  }

  /** Makes certain which of the possible states it is. */
  resolve(observed: ObservedTopic | undefined): string[] {
    const found = this.#possible.find(state => this.#is(state, observed))
    if (found === undefined && !(observed === undefined && this.#possible.includes(undefined))) {
      const wanted = this.#possible.map(state => describeState(state, this.#ids)).join(', or ')
      return [`${this.name} is ${describeObserved(observed)}, and should be ${wanted}`]
    }
    if (found !== undefined && observed !== undefined) this.#ids.set(found.incarnation, observed.id)
    this.#possible = [found]
    return []
  }

  #is(state: TopicState | undefined, observed: ObservedTopic | undefined): boolean {
    if (state === undefined || observed === undefined) return false
    const id = this.#ids.get(state.incarnation)
    if (id === undefined ? [...this.#ids.values()].includes(observed.id) : id !== observed.id) return false
    return state.partitions === observed.partitions && textOf(state.configs) === textOf(observed.configs)
  }
}

function describeState(state: TopicState | undefined, ids: ReadonlyMap<number, string>): string {
  if (state === undefined) return 'absent'
  return `${ids.get(state.incarnation) ?? 'new'} with ${state.partitions} partitions and ${textOf(state.configs)}`
}

function describeObserved(observed: ObservedTopic | undefined): string {
  if (observed === undefined) return 'absent'
  return `${observed.id} with ${observed.partitions} partitions and ${textOf(observed.configs)}`
}

function textOf(configs: ReadonlyMap<string, string>): string {
  return JSON.stringify([...configs].sort())
}

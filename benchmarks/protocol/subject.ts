/**
 * What a benchmark of messages is about: one API, and the same request and response in the words of each contender.
 */
import type { Api } from '@samsa/protocol'

export interface Subject {
  readonly api: Api
  readonly samsa: OwnWords
  readonly kafkajs: KafkajsWords
  readonly platformatic: PlatformaticWords
}

export interface OwnWords {
  request(version: number): unknown
  response(version: number): unknown
  /** The request is made anew for every run, because the others make its records in it as well. */
  readonly makesRequestEachTime?: boolean
  responseShape(version: number): Shape
  /** Touches every record in a response; a message without records has none. */
  touch?(response: unknown): number
}

export interface KafkajsWords {
  /** Its folder of the API. */
  readonly name: string
  /** The newest version that it has. */
  readonly version: number
  readonly fields: object
  readonly responseShape: Shape
  touch?(response: unknown): number
}

export interface PlatformaticWords {
  /** Its export of the API, without the version. */
  readonly name: string
  readonly newestVersion: number
  fields(version: number): readonly unknown[]
  responseShape(version: number): Shape
  touch?(response: unknown): number
}

/** Fields to compare, in an order that all contenders share; a pair stands for an array of structs. */
export type Shape = readonly (string | readonly [field: string, of: Shape])[]

/** The fields of `value` that `shape` names, one after another, as text: int64s are strings, numbers or bigints. */
export function fieldTexts(value: unknown, shape: Shape): string[] {
  return shape.flatMap(entry => {
    const [field, inner] = typeof entry === 'string' ? [entry, undefined] : entry
    const found: unknown = value !== null && typeof value === 'object' ? Reflect.get(value, field) : undefined
    const elements: readonly unknown[] = Array.isArray(found) ? found : [found]
    return elements.flatMap(element => (inner === undefined ? [String(element)] : fieldTexts(element, inner)))
  })
}

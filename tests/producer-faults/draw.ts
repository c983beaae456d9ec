/**
 * What every draw of a script is made of.
 */
import type { SeededRandom } from '@samsa/runtime'

export function chance(random: SeededRandom, probability: number): boolean {
  return random.next() < probability
}

export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  const picked = from[random.integer(0, from.length)]
  if (picked === undefined) throw new Error('there is nothing to pick from')
  return picked
}

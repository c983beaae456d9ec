/**
 * The assignors of a classic group by name, and what a member of them can do together.
 */
import {
  type Assignor,
  cooperativeStickyAssignor,
  type RebalanceProtocol,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
} from '@samsa/protocol'

export type AssignorName = 'range' | 'roundRobin' | 'sticky' | 'cooperativeSticky'

const MAKERS: Readonly<Record<AssignorName, () => Assignor>> = {
  range: rangeAssignor,
  roundRobin: roundRobinAssignor,
  sticky: stickyAssignor,
  cooperativeSticky: cooperativeStickyAssignor,
}

/** In the order of preference. Each consumer has its own: the sticky ones remember what their member has got. */
export function assignorsOf(strategy: readonly (AssignorName | Assignor)[]): readonly Assignor[] {
  return strategy.map(each => (typeof each === 'string' ? MAKERS[each]() : each))
}

/** Cooperative only where every assignor is: the group may choose any of them. */
export function rebalanceProtocolOf(assignors: readonly Assignor[]): RebalanceProtocol {
  return assignors.every(({ supportedProtocols }) => supportedProtocols.includes('cooperative'))
    ? 'cooperative'
    : 'eager'
}

export function isAssignor(value: unknown): value is Assignor {
  if (typeof value !== 'object' || value === null) return false
  const [name, protocols, assign]: unknown[] = ['name', 'supportedProtocols', 'assign'].map(key =>
    Reflect.get(value, key),
  )
  return typeof name === 'string' && name !== '' && Array.isArray(protocols) && typeof assign === 'function'
}

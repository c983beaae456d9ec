/**
 * Coordinators: which node looks after a group or a transactional id, where a test has said so.
 */

/** As FindCoordinator numbers them. */
export const coordinatorTypes = { group: 0, transaction: 1 } as const

export type CoordinatorType = keyof typeof coordinatorTypes

export class Coordinators {
  readonly #nodes = new Map<string, number>()

  place(type: CoordinatorType, key: string, nodeId: number): void {
    this.#nodes.set(`${coordinatorTypes[type]} ${key}`, nodeId)
  }

  nodeOf(keyType: number, key: string): number | undefined {
    return this.#nodes.get(`${keyType} ${key}`)
  }
}

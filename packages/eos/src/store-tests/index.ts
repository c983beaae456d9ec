/**
 * A test kit for stores: named cases for any test runner. Give each a new, empty store; a case throws when the store breaks its
 * contract.
 */
import { leaseCases } from './lease-cases.js'
import { offsetCases } from './offset-cases.js'
import { outboxCases } from './outbox-cases.js'
import { rowCases } from './row-cases.js'
import type { Contract, StoreCase } from './store-case.js'
import { transactionCases } from './transaction-cases.js'

export { checkAgainstModel, type ModelCheckOptions } from './model-check.js'
export type { Contract, ContractStores, StoreCase, StoreUnderTest } from './store-case.js'
export { leaseCases, offsetCases, outboxCases, rowCases, transactionCases }

/** All cases, for a store that keeps all contracts. */
export const storeCases: readonly StoreCase<Contract>[] = [
  ...transactionCases,
  ...leaseCases,
  ...offsetCases,
  ...rowCases,
  ...outboxCases,
] as readonly StoreCase<Contract>[]

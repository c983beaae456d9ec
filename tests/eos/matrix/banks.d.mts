/** The types of `banks.mjs`, as far as tests of other files need them. */
export interface Leg {
  readonly transfer: string
  readonly account: string
  readonly amount: number
}

export interface Books {
  readonly balances: readonly { readonly id: string; readonly balance: number }[]
  readonly legs: readonly Leg[]
  readonly duplicates: number
}

export interface Bank {
  read(): Promise<Books>
}

/** Which store it is, and where. */
export interface StorePlace {
  readonly kind: string
  readonly path?: string
  readonly opened?: object
  readonly connection?: object
}

export interface OpenedBank {
  readonly store: object
  readonly leases?: object
  readonly bank: Bank
  close(): Promise<void>
}

export const accounts: readonly string[]
export function legsOf(transfer: {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly amount: number
}): readonly Leg[]
export function openBank(place: StorePlace): Promise<OpenedBank>

/**
 * What every store has: its tables made, its old rows removed, its end.
 */

export interface Store {
  /** Makes the tables, or brings those of an older version up to date; harmless when they are as they should be. */
  setup(): Promise<void>
  /** Removes at most that many rows whose time is over, in one short transaction; how many it were. */
  prune(limit: number): Promise<number>
  /** Waits for what is under way. Twice is harmless. */
  close(): Promise<void>
}

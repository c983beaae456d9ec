/** The types of `long-run-figures.mjs`. */
export function median(values: readonly number[]): number
export function growth(values: readonly number[]): number
export function afterWarmUp(values: readonly number[]): number[]
export function slowdown(latencies: readonly number[], floorMs: number): number

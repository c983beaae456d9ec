/**
 * The option that says how long something is remembered, but for its sentence: 14 days unless told otherwise, 100 years at most.
 */

export const keptFor = { type: 'integer', min: 1, max: 3_153_600_000_000, default: 1_209_600_000, kafka: null } as const

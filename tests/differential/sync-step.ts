/**
 * A request that every broker answers at once: shows whether a connection still stands.
 */
import { apiVersions } from '@samsa/protocol'
import { type Step, step } from './step.js'

export const syncStep: Step = step(apiVersions, 0, {})

/**
 * `npm run samsa -- COMMAND`: the command line of this checkout, installed and built first where it must be.
 */
import { runSamsa } from './run-samsa.mjs'

await runSamsa(process.argv.slice(2))

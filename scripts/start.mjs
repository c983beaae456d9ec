/**
 * `npm start`: a broker from this checkout, installed and built first where it must be. Arguments go to `samsa broker`.
 */
import { runSamsa } from './run-samsa.mjs'

await runSamsa(['broker', ...process.argv.slice(2)])

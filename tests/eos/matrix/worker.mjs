/**
 * One life of a process in the matrix. Told what to do by MATRIX_JOB; killed at the step that SAMSA_EOS_FAILPOINT names.
 */
import { openBank } from './banks.mjs'
import { schemes } from './schemes.mjs'

const { scheme, place, ...job } = JSON.parse(process.env.MATRIX_JOB ?? '{}')
const opened = place.kind === 'kafka' ? {} : await openBank(place)
const life = { ...job, ...opened, closing: [], noting: [] }
await schemes[scheme].run(life)
await Promise.all(life.noting)
for (const close of life.closing) await close({})
await opened.close?.()

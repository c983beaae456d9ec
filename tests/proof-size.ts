/**
 * How much a proof that can go on for ever does in this run: seeds, rounds, sequences. A test names an environment
 * variable and the size that CI has time for; a soak script sets the variable. Where the same build is tested again under
 * another Node, `SAMSA_PROOFS=small` makes every proof a tenth of it.
 */

/** A whole number of at least one. */
export function proofSize(variable: string, usual: number): number {
  const asked = process.env[variable]
  if (asked !== undefined) return atLeastOne(asked, variable)
  return process.env['SAMSA_PROOFS'] === 'small' ? Math.max(1, Math.round(usual / 10)) : usual
}

function atLeastOne(text: string, variable: string): number {
  const size = Number(text)
  if (!Number.isSafeInteger(size) || size < 1)
    throw new RangeError(`${variable} is a whole number from 1, not '${text}'`)
  return size
}

/**
 * @platformatic/kafka, which is an ES module and so has to be imported by its address.
 */
import { pathToFileURL } from 'node:url'
import { requireFrom } from './installation.mjs'

const address = pathToFileURL(requireFrom('platformatic').resolve('@platformatic/kafka')).href

export const { Consumer, Producer } = await import(address)

/**
 * The emitter: one schema in, the text of one TypeScript module out: interfaces, encoders and decoders of all versions.
 * What it writes is plain code that a debugger steps through; nothing is interpreted at run time.
 */
import { DecoderEmitter } from './decoder-emitter.js'
import { EncoderEmitter } from './encoder-emitter.js'
import { Imports } from './imports.js'
import { InterfaceEmitter } from './interface-emitter.js'
import { MessageShape } from './message-shape.js'
import { camelCase, docComment } from './naming.js'
import { type Api, isEmpty, type Message, type RecordType } from './schema.js'

export function emitApi(api: Api, schemaFile: string): string {
  const { source } = api
  const latestStable = api.request.versions.max - (source.latestVersionUnstable ? 1 : 0)
  const imports = new Imports()
  imports.type('Api', './api.js')
  const messages = [api.request, api.response].map(message => emitMessage(message, imports))
  const table = `${docComment(source.text, noteLines(source.notes), '')}export const ${camelCase(source.name)}: Api<${api.request.name}, ${api.response.name}> = {
  key: ${source.key},
  name: '${source.name}',
  versions: { min: ${api.request.versions.min}, max: ${api.request.versions.max}, latestStable: ${latestStable} },
  flexibleFrom: ${flexibleFrom(api.request)},
  sentTo: '${source.sentTo}',
  listeners: [${source.listeners.map(listener => `'${listener}'`).join(', ')}],
  request: { name: '${api.request.name}', encode: encode${api.request.name}, decode: decode${api.request.name} },
  response: { name: '${api.response.name}', encode: encode${api.response.name}, decode: decode${api.response.name} },
}
`
  return moduleText(`The ${source.name} API (key ${source.key}).`, schemaFile, imports, [...messages, table])
}

export function emitRecords(records: readonly RecordType[], schemaFile: string, noun: string): string {
  const imports = new Imports()
  imports.type('RecordType', './api.js')
  const parts = records.map(record => {
    const { message, source } = record
    const body = emitMessage(message, imports)
    return `${body}
${docComment(source.text, noteLines(source.notes), '')}export const ${camelCase(message.name)}: RecordType<${message.name}> = {
  name: '${message.name}',
  kind: '${source.kind}',
  id: ${source.id ?? -1},
  versions: { min: ${message.versions.min}, max: ${message.versions.max}, latestStable: ${message.versions.max} },
  flexibleFrom: ${flexibleFrom(message)},
  encode: encode${message.name},
  decode: decode${message.name},
}
`
  })
  const list = `/** All of them, in the order of their schemas. */
export const ${camelCase(noun.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase()))}Types: readonly RecordType[] = [
${records.map(({ message }) => `  ${camelCase(message.name)},`).join('\n')}
]
`
  return moduleText(`Records: ${noun}.`, schemaFile, imports, [...parts, list])
    .replaceAll("from '../", "from '../../")
    .replaceAll("from './", "from '../")
}

function moduleText(title: string, schemaFile: string, imports: Imports, parts: readonly string[]): string {
  return `/**
 * ${title}
 * Generated from ${schemaFile} by \`npm run generate\`: change it there.
 */
${imports.emit(parts.join('\n'))}
${parts.join('\n')}`
}

function flexibleFrom(message: Message): number {
  return isEmpty(message.flexible) ? -1 : message.flexible.min
}

function noteLines(notes: Readonly<Record<number, string>> | undefined): string[] {
  return Object.entries(notes ?? {}).map(([version, note]) => `- ${version}: ${note}`)
}

function emitMessage(message: Message, imports: Imports): string {
  const shape = new MessageShape(message, imports)
  const interfaces = new InterfaceEmitter(shape)
  const encoders = new EncoderEmitter(shape)
  const decoders = new DecoderEmitter(shape)
  const structs = [...shape.structs.keys()]
  return [
    ...structs.map(struct => interfaces.interface(struct)),
    ...structs.map(struct => encoders.encoder(struct)),
    ...structs.map(struct => decoders.decoder(struct)),
    ...[...shape.comparedWithDefault].map(struct => encoders.defaultTest(struct)),
  ].join('\n')
}

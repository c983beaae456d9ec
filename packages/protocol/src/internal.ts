/**
 * The door for the packages of Samsa: what users see, and the varints, checksums, SASL exchanges and the coordinator's
 * assignors that only the packages share. About the latter no promise is made from one version to the next.
 */
export { serverRangeAssignor } from './group/assignors/server-range.js'
export { uniformAssignor } from './group/assignors/uniform.js'
export type { ServerAssignor, TargetAssignment, TargetMember } from './group/server-assignor.js'
export { crc32 } from './hash/crc32.js'
export { xxh3 } from './hash/xxh3.js'
export * from './index.js'
export * from './sasl/index.js'
export { textIn } from './wire/ascii.js'
export { bufferView } from './wire/buffer-view.js'
export { varintSize, varlongSize, writeVarint, writeVarlong } from './wire/varint.js'

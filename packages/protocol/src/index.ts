export { ProtocolError, type ProtocolErrorDetail } from './protocol-error.js'

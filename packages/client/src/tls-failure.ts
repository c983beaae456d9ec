/**
 * What a failure of TLS means and what to do about it: from an error of node:tls to one of ours. A certificate, on either
 * side, or a peer that speaks no TLS is an AuthenticationError, which no second try mends; a connection that merely broke
 * is a NetworkError.
 */
import { AuthenticationError, NetworkError } from '@samsa/runtime/internal'

/** By the codes that Node gives: OpenSSL's for certificates, its own for names. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed; give that certificate as 'ca' to trust it",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificate comes from an authority that is not trusted here; give the authority's certificate as 'ca'",
  UNABLE_TO_GET_ISSUER_CERT:
    "the authority of its certificate is not known here; give the authority's certificate as 'ca'",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the authority of its certificate is not known here; give the authority's certificate as 'ca'",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the authority of its certificate is not known here; give the authority's certificate as 'ca'",
  CERT_HAS_EXPIRED: 'its certificate has expired; the broker needs a new one, or the clock here is wrong',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; the clock here or there is wrong',
  CERT_REVOKED: 'its certificate was revoked; the broker needs a new one',
}

const WRONG_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID'

/** The other side sent bytes that are no TLS. Under some versions of Node only the message tells. */
const NO_TLS = /wrong.version.number|packet.length.too.long|http.request|unknown.protocol|record.layer.failure/i

/** An alert is the other side's word on what we sent. */
const ALERT = /alert/i
const ALERT_ON_CERTIFICATE = /certificate|unknown.ca|access.denied|decrypt.error/i

/** The failure of a connection to `broker`, before or after TLS stood; `undefined` where TLS has nothing to do with it. */
export function tlsFailure(broker: string, cause: Error): AuthenticationError | undefined {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const why = reasonOf(code, cause.message)
  if (why === undefined) return undefined
  return new AuthenticationError(`no TLS with ${broker}: ${why}`, { code: 'SSL_AUTHENTICATION_FAILED', broker, cause })
}

function reasonOf(code: string, message: string): string | undefined {
  const certificateFault = CERTIFICATE_FAULTS[code]
  if (certificateFault !== undefined) return certificateFault
  if (code === WRONG_NAME) {
    return `its certificate is for another name (${message}); connect by a name that it has, or give one as 'servername'`
  }
  const text = `${code} ${message}`
  if (NO_TLS.test(text)) return 'what it sends is no TLS; is this the port of a listener without TLS?'
  if (ALERT.test(text)) return alertOf(text, message)
  // What is left of certificate errors, and of OpenSSL's and Node's own.
  if (/^(?:ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|CRL_|UNABLE_TO_|ERROR_IN_|INVALID_|PATH_LENGTH_|HOSTNAME_)/.test(code)) {
    return message
  }
  return undefined
}

function alertOf(text: string, message: string): string {
  if (ALERT_ON_CERTIFICATE.test(text)) {
    return `it does not accept our certificate; give one that it trusts as 'cert' and 'key' (${alertName(message)})`
  }
  if (/protocol.version/i.test(text)) return 'it speaks no version of TLS that is allowed here (protocol version)'
  return `it refused the handshake (${alertName(message)}); it may ask for a certificate, or share no cipher with us`
}

/** OpenSSL puts a name behind code numbers and before the place in its sources. */
function alertName(message: string): string {
  return /alert ([a-z ]+)/i.exec(message)?.[1]?.trim() ?? message
}

/** The connection ended before TLS stood, without a word: what brokers do when they read TLS as a request. */
export function endedDuringHandshake(broker: string, cause: Error): NetworkError {
  const why = 'the connection ended before TLS stood; a broker that has no TLS on this port does that'
  return new NetworkError(`cannot connect to ${broker}: ${why}`, { broker, cause })
}

/**
 * What Redis does with a claim: one script for each step, so that nothing comes in between, by the clock of the server. An id is
 * a hash that ends by itself when nobody needs it; bytes are in it as Base64.
 */
import { createHash } from 'node:crypto'

export interface RedisScript {
  readonly text: string
  readonly sha: string
}

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** A number as a text with all of its digits: Lua by itself would write 1.7e+12. */
const START = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local function keep(leaseUntil, expiresAt)
  redis.call('PEXPIREAT', KEYS[1], text(math.max(leaseUntil, expiresAt, now + 1)))
end
`

/** Of what is stored, only when the one who asks holds it: ARGV[1] is the owner, ARGV[2] the epoch. */
const IF_HELD = `
local held = redis.call('HMGET', KEYS[1], 'is_done', 'owner', 'epoch', 'expires_at')
if held[1] ~= '0' then return 0 end
if held[2] ~= ARGV[1] then return 0 end
if held[3] ~= ARGV[2] then return 0 end
`

/**
 * ARGV: owner, leaseMs, ttlMs, fingerprint (empty for none). Taken when it is free, ours, or forgotten; attempts and fingerprint
 * of a forgotten one begin anew. What needs memory comes first: behind a first change Redis refuses nothing of a script.
 */
export const CLAIM: RedisScript = script(`${START}
local owner, leaseUntil, expiresAt = ARGV[1], now + ARGV[2], now + ARGV[3]
local known = redis.call('HMGET', KEYS[1],
  'is_done', 'owner', 'epoch', 'attempts', 'lease_until', 'expires_at', 'fingerprint', 'result')
local until_, ends = tonumber(known[5] or 0), tonumber(known[6] or 0)
local forgotten = not known[3] or (ends <= now and until_ <= now)
local fingerprint = known[7] or ''
if not forgotten and known[1] == '1' then return {'done', known[8] or '', fingerprint} end
if not forgotten and until_ > now and known[2] ~= owner then return {'busy', text(until_ - now), fingerprint} end
local epoch, attempts = tonumber(known[3] or 0) + 1, tonumber(known[4] or 0) + 1
if forgotten then attempts = 1 end
if forgotten or fingerprint == '' then fingerprint = ARGV[4] end
redis.call('HSET', KEYS[1], 'is_done', '0', 'owner', owner, 'epoch', text(epoch), 'attempts', text(attempts),
  'lease_until', text(leaseUntil), 'expires_at', text(expiresAt), 'fingerprint', fingerprint)
redis.call('HDEL', KEYS[1], 'result')
keep(leaseUntil, expiresAt)
return {'claimed', text(epoch), text(attempts), fingerprint}
`)

/** ARGV: owner, epoch, leaseMs. */
export const RENEW: RedisScript = script(`${START}${IF_HELD}
redis.call('HSET', KEYS[1], 'lease_until', text(now + ARGV[3]))
keep(now + ARGV[3], tonumber(held[4]))
return 1
`)

/** ARGV: owner, epoch, ttlMs, result (empty for none). */
export const COMPLETE: RedisScript = script(`${START}${IF_HELD}
local expiresAt = now + ARGV[3]
redis.call('HDEL', KEYS[1], 'owner')
redis.call('HSET', KEYS[1], 'is_done', '1', 'lease_until', '0', 'expires_at', text(expiresAt), 'result', ARGV[4])
keep(0, expiresAt)
return 1
`)

/** ARGV: owner, epoch. */
export const RELEASE: RedisScript = script(`${START}${IF_HELD}
redis.call('HDEL', KEYS[1], 'owner')
redis.call('HSET', KEYS[1], 'lease_until', '0')
keep(0, tonumber(held[4]))
return 1
`)

/** Base64 behind a mark, so that no bytes and none at all are two things. */
export function bytesToText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : `=${Buffer.from(bytes).toString('base64')}`
}

export function bytesFromText(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  return new Uint8Array(Buffer.from(text.slice(1), 'base64'))
}

/**
 * Looks an API up by its key.
 */
import type { Api } from './api.js'
import { apis } from './index.js'

const byKey: (Api | undefined)[] = []
for (const api of apis) byKey[api.key] = api

export function apiByKey(key: number): Api | undefined {
  return byKey[key]
}

import { AsyncLocalStorage } from 'node:async_hooks'
import { ConcurrentModificationError } from '@samsa/runtime'
import { expect, test, vi } from 'vitest'
import { AccessGuard } from './access-guard.js'

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open }
}

test('a call from elsewhere is refused while one is under way, and both are named', async () => {
  const guard = new AccessGuard()
  const { opened, open } = gate()
  const first = guard.run('poll()', () => opened)
  await expect(guard.run('position()', async () => {})).rejects.toThrow(
    /^position\(\) was called while poll\(\) is under/,
  )
  expect(() => guard.check('seek()')).toThrow(ConcurrentModificationError)
  open()
  await first
  expect(() => guard.check('seek()')).not.toThrow()
})

test('a call that has failed is over', async () => {
  const guard = new AccessGuard()
  await expect(guard.run('poll()', () => Promise.reject(new Error('x')))).rejects.toThrow('x')
  await guard.run('poll()', async () => {})
})

test('functions of the application may call back, however deep, and only as long as their call goes on', async () => {
  const guard = new AccessGuard()
  const late = gate()
  let left: Promise<void> | undefined
  await guard.run('poll()', () =>
    guard.lend(async () => {
      guard.check('seek()')
      await Promise.resolve()
      await guard.run('position()', async () => guard.check('pause()'))
      guard.check('pause()')
      // Nobody awaits this one: it outlives the call.
      left = late.opened.then(() => guard.check('seek()'))
    }),
  )
  const other = gate()
  const next = guard.run('poll()', () => other.opened)
  late.open()
  await expect(left).rejects.toThrow(ConcurrentModificationError)
  other.open()
  await next
})

test('while a function of the application runs, others are still refused', async () => {
  const guard = new AccessGuard()
  const { opened, open } = gate()
  const first = guard.run('poll()', () => guard.lend(() => opened))
  expect(() => guard.check('seek()')).toThrow(ConcurrentModificationError)
  open()
  await first
})

test('a listener of one consumer uses another one, whose listener calls the first', async () => {
  const [outer, inner] = [new AccessGuard(), new AccessGuard()]
  await outer.run('poll()', () =>
    outer.lend(() =>
      inner.run('poll()', () =>
        inner.lend(async () => {
          outer.check('seek()')
          await outer.run('position()', async () => inner.check('pause()'))
        }),
      ),
    ),
  )
})

test('when no call that has lent is under way, the process keeps track of nothing', async () => {
  const disable = vi.spyOn(AsyncLocalStorage.prototype, 'disable')
  const [first, second] = [new AccessGuard(), new AccessGuard()]
  const { opened, open } = gate()
  const long = first.run('poll()', () => first.lend(() => opened))
  await second.run('poll()', () => second.lend(async () => second.check('seek()')))
  await second.run('poll()', async () => {})
  expect(disable).not.toHaveBeenCalled()
  open()
  await long
  expect(disable).toHaveBeenCalledOnce()
  disable.mockRestore()
})

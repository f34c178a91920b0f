import type { CallContract } from '@holdfast/protocol/rpc/ports.ts'

/**
 * A contract client that is made at its first call, or when `warmUp` says that one is near: the library that signs
 * transactions costs time at the start and memory for ever, and a node that only takes part rarely calls.
 */
export function createLazyContract(make: () => Promise<CallContract>): CallContract & { warmUp(): void } {
  let made: Promise<CallContract> | undefined
  const client = () =>
    (made ??= make().catch((error: unknown) => {
      // Kept, one failed load, of a process short of files or memory, would fail every call until the next start.
      made = undefined
      throw error
    }))
  return {
    warmUp: () => void client().catch(() => undefined),
    call: async (method, args, options) => (await client()).call(method, args, options),
    close: () => void made?.then((contract) => contract.close()).catch(() => undefined),
  }
}

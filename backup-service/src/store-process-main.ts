import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { StoreReply, StoreRequest } from './adapters/store-process.ts'
import { openRepository } from './repository-settings.ts'

/** The process that does one thing with a repository for a backup service, answers, and ends. */
process.once('message', (request: StoreRequest) => {
  void perform(request).then((reply) => process.send?.(reply, () => process.disconnect()))
})
// The service is gone: so is the reason to go on. Also ends what a place that hangs would keep open.
process.once('disconnect', () => process.exit())

async function perform(request: StoreRequest): Promise<StoreReply> {
  try {
    return await result(request)
  } catch (error) {
    if (isHoldfastError(error)) return { kind: 'refused', code: error.code, message: error.message }
    return { kind: 'broken', why: errorMessage(error) }
  }
}

async function result(request: StoreRequest): Promise<StoreReply> {
  const repository = await openRepository(request.settings)
  // Whoever asked kills this process when it no longer wants the answer.
  const never = new AbortController().signal
  switch (request.kind) {
    case 'store':
      return { kind: 'stored', snapshot: await repository.store(request.received, never) }
    case 'check':
      await repository.check(request.snapshot, never)
      return { kind: 'checked', snapshot: request.snapshot }
    case 'maintain':
      return { kind: 'maintained', result: await repository.maintain(request.order, never) }
    default:
      request satisfies never
      throw new TypeError('unknown request')
  }
}

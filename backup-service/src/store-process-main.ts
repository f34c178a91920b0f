import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { sealWithAge } from './adapters/age-hybrid.ts'
import { nodeFiles } from './adapters/node-files.ts'
import type { StoreReply, StoreRequest } from './adapters/store-process.ts'
import { createRepository, type Repository } from './repository/repository.ts'
import type { Snapshot } from './repository/snapshot.ts'

/** The process that stores or opens one snapshot for a backup service, answers, and ends. */
process.once('message', (request: StoreRequest) => {
  void perform(request).then((reply) => process.send?.(reply, () => process.disconnect()))
})
// The service is gone: so is the reason to go on.
process.once('disconnect', () => process.exit())

async function perform(request: StoreRequest): Promise<StoreReply> {
  const { directory, owner, ageIdentity, ageIdentityFile } = request
  const repository = createRepository(directory, owner, nodeFiles, sealWithAge(ageIdentity, ageIdentityFile))
  try {
    return { kind: 'done', snapshot: await result(request, repository) }
  } catch (error) {
    if (isHoldfastError(error)) return { kind: 'refused', code: error.code, message: error.message }
    return { kind: 'broken', why: errorMessage(error) }
  }
}

async function result(request: StoreRequest, repository: Repository): Promise<Snapshot> {
  // Whoever asked kills this process when it no longer wants the answer.
  const never = new AbortController().signal
  switch (request.kind) {
    case 'store':
      return repository.store(request.received, never)
    case 'check':
      await repository.check(request.snapshot, never)
      return request.snapshot
    default:
      request satisfies never
      throw new TypeError('unknown request')
  }
}

import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { sealWithAge } from './adapters/age-hybrid.ts'
import { nodeFiles } from './adapters/node-files.ts'
import type { StoreReply, StoreRequest } from './adapters/store-process.ts'
import { createRepository } from './repository/repository.ts'

/** The process that stores one snapshot for a backup service, answers, and ends. */
process.once('message', (request: StoreRequest) => {
  void store(request).then((reply) => process.send?.(reply, () => process.disconnect()))
})
// The service is gone: so is the reason to go on.
process.once('disconnect', () => process.exit())

async function store({ directory, owner, ageIdentity, ageIdentityFile, received }: StoreRequest): Promise<StoreReply> {
  const repository = createRepository(directory, owner, nodeFiles, sealWithAge(ageIdentity, ageIdentityFile))
  try {
    return { kind: 'stored', snapshot: await repository.store(received, new AbortController().signal) }
  } catch (error) {
    if (isHoldfastError(error)) return { kind: 'refused', code: error.code, message: error.message }
    return { kind: 'broken', why: errorMessage(error) }
  }
}

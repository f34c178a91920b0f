import { directoryPlace } from '../../src/adapters/directory-place.ts'
import type { Files, Place, SealAtRest } from '../../src/ports.ts'
import { ownMemoryIn } from '../../src/repository/own-memory.ts'
import { createRepository, type Repository } from '../../src/repository/repository.ts'
import { noteSigner } from '../../src/repository/signed-note.ts'
import type { Owner } from '../../src/repository/snapshot.ts'
import type { CareOrder } from '../../src/repository/care.ts'
import { plainSeal } from './fakes.ts'
import { ALICE, CONTRACT } from './views.ts'

export const OWNER: Owner = { accountId: ALICE, contractId: CONTRACT }
export const TLS_SEED = new Uint8Array(32).fill(5)
export const SIGNER = noteSigner(TLS_SEED)
/** Directories of the files that tests share: a service's own memory, and two places. */
export const MEMORY = 'home'
export const PLACES = ['a', 'b'] as const

export type RepositoryOptions = {
  owner?: Owner
  tlsSeed?: Uint8Array
  seal?: SealAtRest
  places?: readonly Place[]
  durableCopies?: number
  deadlineMs?: number
  memory?: string
}

/** A repository over these files: in the one directory `a` unless told otherwise. */
export function repositoryOn(files: Files, options: RepositoryOptions = {}): Repository {
  const { owner = OWNER, tlsSeed = TLS_SEED, seal = plainSeal, memory = MEMORY } = options
  const { places = [directoryPlace('a', 'a', files)] } = options
  return createRepository({
    owner,
    signer: noteSigner(tlsSeed),
    seal,
    places,
    memory: ownMemoryIn(directoryPlace('home', memory, files)),
    durableCopies: options.durableCopies ?? places.length,
    deadlineMs: options.deadlineMs ?? 20_000,
    lock: async () => ({ release: () => undefined }),
  })
}

export function bothPlaces(files: Files): Place[] {
  return PLACES.map((name) => directoryPlace(name, name, files))
}

/** Upkeep as a service orders it, with nothing that the contract shows. */
export const ORDER: CareOrder = { deep: true, fresh: false, view: undefined, prune: true, graceMs: 1_000 }

import { utf8 } from '../../../localnet/src/primitives/bytes.ts'
import { digestOf } from './keyset.ts'
import type { Model } from './model.ts'
import type { Storage } from './watched-storage.ts'

/** Doubles do not hold these. */
export const BIG = {
  epoch: 9_007_199_254_740_993n,
  nextDomainId: 18_446_744_073_709_551_000n,
  revision: 9_007_199_254_740_995n,
  incarnation: 18_446_744_073_709_500_001n,
} as const

/** The model right after `init`, had the network lived for long before. */
export function agedModel(model: Model): Model {
  const { epoch, nextDomainId, revision, incarnation } = BIG
  const participants = model.running.parameters.participants.map((one) => ({ ...one, incarnation }))
  const parameters = { ...model.running.parameters, participants }
  return { ...model, running: { ...model.running, epoch, nextDomainId, revision, parameters } }
}

/** With it the contract marks a text that holds such an integer. */
const LONG = '!'

/** The same done to the storage, whatever keys the contract has there: it writes JSON. */
export function agedStorage(storage: Storage, before: Model): Storage {
  const digest = (model: Model) => `"keyset_digest":"${digestOf(model.running)}"`
  return new Map(
    [...storage].map(([key, value]) => {
      const text = Buffer.from(value).toString()
      const aged = text
        .replaceAll('"epoch_id":0', `"epoch_id":${BIG.epoch}`)
        .replaceAll('"next_domain_id":0', `"next_domain_id":${BIG.nextDomainId}`)
        .replaceAll('"participants_revision":0', `"participants_revision":${BIG.revision}`)
        .replaceAll('"incarnation":0', `"incarnation":${BIG.incarnation}`)
        .replaceAll(digest(before), digest(agedModel(before)))
      return [key, aged === text ? value : utf8(LONG + aged)]
    }),
  )
}

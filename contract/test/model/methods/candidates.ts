import { listed, put, without } from '../immutable.ts'
import type { Node } from '../model.ts'
import { participant, prospective } from '../people.ts'
import { broken, nothing, type Event, type Method } from '../ruling.ts'
import { takenByOthers } from '../tls-keys.ts'

const MOST = 64

export interface NodeInfo {
  readonly participant_info: Node
  readonly signer_account_pk?: string
}

/** Anybody may stand for a place; who has one, or is to have it, may repeat what the contract knows of its node. */
export const submitParticipantInfo: Method<NodeInfo> = (model, by, { participant_info, signer_account_pk }) => {
  const { url, tls_public_key } = participant_info
  const own = participant(model, by.account) ?? prospective(model, by.account)
  if (own !== undefined) {
    const differs = own.url !== url || own.tls_public_key !== tls_public_key
    return { refused: broken([differs, 'PARTICIPANT_INFO_MISMATCH']), then: () => nothing(model) }
  }
  return {
    refused: broken([takenByOthers(model, by.account, tls_public_key, true), 'TLS_KEY_TAKEN']),
    then() {
      const signer = signer_account_pk ?? by.key
      const before = model.candidates.get(by.account)
      const same = before?.url === url && before.tls_public_key === tls_public_key && before.signer === signer
      if (same) return nothing(model)
      const events: Event[] = []
      let candidates = without(model.candidates, by.account)
      const named = [...model.running.proposals.values()].flatMap(({ parameters }) => parameters.participants)
      const quiet = listed(candidates)
      const oldest = quiet.find((one) => named.every(({ account }) => account !== one)) ?? quiet[0]
      if (candidates.size === MOST && oldest !== undefined) {
        candidates = without(candidates, oldest)
        events.push({ event: 'candidate_removed', data: { account_id: oldest, reason: 'evicted' } })
      }
      const data = { account_id: by.account, url, tls_public_key, signer_account_pk: signer }
      events.push({ event: 'candidate_submitted', data })
      return { model: { ...model, candidates: put(candidates, by.account, { url, tls_public_key, signer }) }, events }
    },
  }
}

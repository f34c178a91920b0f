import type { Json } from '@holdfast/protocol/json.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { CallContract, ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { OwnFacts } from '../phases/decide-phase.ts'
import type { Phase } from '../phases/phase.ts'
import type { KeepShares } from '../ports.ts'
import type { RunActions } from '../wiring/actions.ts'

type Parts = { own: OwnFacts; shares: KeepShares; contract: CallContract; actions: RunActions }

/** Makes the calls of onboarding and recovery (protocol.md 4) that a phase asks for. */
export function createRecoveryDriver({ own, shares, contract, actions }: Parts): {
  onView(phase: Phase, view: ContractView): void
} {
  const info: Json = {
    participant_info: { url: own.url, tls_public_key: own.tlsKey },
    signer_account_pk: own.signerKey,
  }
  return {
    onView(phase, view) {
      if (phase.kind === 'submitCandidate') {
        actions.ensure('submit_participant_info', (signal) =>
          contract.call('submit_participant_info', info, { signal }),
        )
      }
      if (phase.kind === 'requestRecovery') {
        actions.ensure('submit_participant_recovery_info', (signal) =>
          contract.call('submit_participant_recovery_info', info, { signal }),
        )
      }
      if (phase.kind === 'awaitingShares' && holdsAll(shares, phase.keyset)) {
        const name = `conclude_recovery ${keysetDigest(phase.keyset).slice(0, 16)} ${phase.record.requested_at}`
        actions.ensure(name, (signal) =>
          contract.call('conclude_recovery', { keyset: keysetJson(view.stateJson) }, { signal }),
        )
      }
    },
  }
}

/** True once every share of the keyset is on disk, permanently: from then on the recovery may conclude. */
export function holdsAll(shares: KeepShares, keyset: Extract<Phase, { kind: 'awaitingShares' }>['keyset']): boolean {
  return keyset.domains.every((key) => shares.held(keyset.epoch_id, key) !== undefined)
}

/** The live keyset as the contract wrote it, for it compares every field, those included that the parser drops. */
function keysetJson(stateJson: Json): Json {
  const running = field(field(stateJson, 'Recovery'), 'previous_running_state')
  return field(running, 'keyset')
}

function field(json: Json, name: string): Json {
  const value = typeof json === 'object' && json !== null && !Array.isArray(json) ? json[name] : undefined
  if (value === undefined) {
    throw new HoldfastError('INVALID_STATE', `cannot conclude the recovery: the contract's state has no ${name}`)
  }
  return value
}

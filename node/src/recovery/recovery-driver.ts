import type { Json } from '@holdfast/protocol/json.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { CallContract, ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { OwnFacts } from '../phases/facts.ts'
import type { AwaitingShares, Phase } from '../phases/phase.ts'
import type { KeepShares } from '../ports.ts'
import type { RunActions } from '../wiring/actions.ts'

type Parts = { own: OwnFacts; shares: KeepShares; contract: CallContract; actions: RunActions }

/** Makes the calls of onboarding, recovery and planned moves (protocol.md 4) that a phase asks for. */
export function createRecoveryDriver({ own, shares, contract, actions }: Parts): {
  onView(phase: Phase, view: ContractView): void
} {
  const info: Json = {
    participant_info: { url: own.url, tls_public_key: own.tlsKey },
    signer_account_pk: own.signerKey,
  }
  // A move has no name of its own in the contract: one that was given up and ordered again is another one.
  let moves = 0
  let isMoving = false
  return {
    onView(phase, view) {
      const movesNow = phase.kind === 'awaitingShares' && phase.claim === 'migration'
      if (movesNow && !isMoving) moves += 1
      isMoving = movesNow
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
        conclude(phase, view)
      }
    },
  }

  function conclude(phase: AwaitingShares, { stateJson }: ContractView): void {
    const digest = keysetDigest(phase.keyset).slice(0, 16)
    const call = (method: string) => (signal: AbortSignal) =>
      contract.call(method, { keyset: keysetAsWritten(stateJson) }, { signal })
    switch (phase.claim) {
      case 'recovery':
        return actions.ensure(`conclude_recovery ${digest} ${phase.requestedAt}`, call('conclude_recovery'))
      case 'migration':
        return actions.ensure(`conclude_node_migration ${digest} ${moves}`, call('conclude_node_migration'))
      default:
        phase satisfies never
        throw new TypeError('unknown claim')
    }
  }
}

/** True once every share of the keyset is on disk, permanently: from then on the recovery or move may be concluded. */
export function holdsAll(shares: KeepShares, keyset: AwaitingShares['keyset']): boolean {
  return keyset.domains.every((key) => shares.held(keyset.epoch_id, key) !== undefined)
}

/** The live keyset as the contract wrote it, for it compares every field, those included that the parser drops. */
function keysetAsWritten(stateJson: Json): Json {
  const recovery = field(stateJson, 'Recovery')
  const running = recovery === undefined ? field(stateJson, 'Running') : field(recovery, 'previous_running_state')
  const keyset = field(running, 'keyset')
  if (keyset !== undefined) return keyset
  throw new HoldfastError('INVALID_STATE', "cannot conclude: the contract's state has no keyset that is live")
}

function field(json: Json | undefined, name: string): Json | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json[name] : undefined
}

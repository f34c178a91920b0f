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
    switch (phase.claim) {
      case 'recovery':
        return actions.ensure(`conclude_recovery ${digest} ${phase.requestedAt}`, (signal) => {
          const keyset = fieldAt(stateJson, ['Recovery', 'previous_running_state', 'keyset'])
          return contract.call('conclude_recovery', { keyset }, { signal })
        })
      case 'migration':
        return actions.ensure(`conclude_node_migration ${digest} ${moves}`, (signal) =>
          contract.call('conclude_node_migration', { keyset: fieldAt(stateJson, ['Running', 'keyset']) }, { signal }),
        )
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

/** A part of the state as the contract wrote it, for it compares every field, those included that the parser drops. */
function fieldAt(stateJson: Json, path: readonly string[]): Json {
  let json: Json | undefined = stateJson
  for (const name of path) {
    json = typeof json === 'object' && json !== null && !Array.isArray(json) ? json[name] : undefined
    if (json === undefined) {
      throw new HoldfastError('INVALID_STATE', `cannot conclude: the contract's state has no ${path.join('.')}`)
    }
  }
  return json
}

import { ed25519Key } from './keys.ts'
import { type By, operator, type Outcome, type World } from './world.ts'

/** The key that operator i's backup service signs with. */
export function sidecarKey(i: number): string {
  return ed25519Key(60_000 + i)
}

/** Names operator i's backup service; another `tls` number is another service. */
export function registerSidecar(world: World, i: number, tls = 61_000 + i): void {
  const backup_service_info = { public_key: ed25519Key(tls), signer_account_pk: sidecarKey(i) }
  world.do({ account: operator(i), deposit: 1n }, 'register_backup_service', { backup_service_info })
}

/** A receipt of the live keyset, of operator i's backup service unless `by` says otherwise. */
export function report(world: World, i: number, changes: object = {}, by: Partial<By> = {}): Outcome {
  const { epoch_id, keyset_digest } = world.ledger().liveKeyset.read()
  const receipt = { epoch_id, keyset_digest, ciphertext_sha256: 'ab'.repeat(32), kind: 'stored', ...changes }
  return world.call({ account: operator(i), key: sidecarKey(i), ...by }, 'report_backup', { receipt })
}

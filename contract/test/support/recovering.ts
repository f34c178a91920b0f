import { ed25519Key } from './keys.ts'
import { operator, type Outcome, type World } from './world.ts'

/** Keys of the new node that takes operator i's place for the nth time. */
export function newNode(i: number, n = 1): { tls: string; signer: string; url: string } {
  const base = 10_000 * n + i
  return { tls: ed25519Key(base), signer: ed25519Key(base + 500), url: `http://node${i}-${n}.example:80` }
}

export function authorize(world: World, i: number, n = 1): void {
  const { tls, signer } = newNode(i, n)
  world.do({ account: operator(i), deposit: 1n }, 'authorize_node', { tls_public_key: tls, signer_account_pk: signer })
}

/** The new node asks, signing with its own key. */
export function request(world: World, i: number, n = 1): Outcome {
  const { tls, signer, url } = newNode(i, n)
  return world.call({ account: operator(i), key: signer }, 'submit_participant_recovery_info', {
    participant_info: { url, tls_public_key: tls },
  })
}

/** Authorised by its operator, the new node asks. */
export function recover(world: World, i: number, n = 1): Outcome {
  authorize(world, i, n)
  return request(world, i, n)
}

/** The live keyset as a client would send it back. */
export function liveKeyset(world: World): unknown {
  const body = world.body()
  return (body.previous_running_state ?? body).keyset
}

export function conclude(world: World, i: number, n = 1): Outcome {
  return world.call({ account: operator(i), key: newNode(i, n).signer }, 'conclude_recovery', {
    keyset: liveKeyset(world),
  })
}

import { liveKeyset, newNode } from './recovering.ts'
import { operator, type Outcome, type World } from './world.ts'

/** The node that operator i wants for its own the nth time, as `start_node_migration` takes it. */
export function destination(i: number, n = 1) {
  const { tls, signer, url } = newNode(i, n)
  return { signer_account_pk: signer, destination_node_info: { url, tls_public_key: tls } }
}

export function startMigration(world: World, i: number, n = 1): Outcome {
  return world.call({ account: operator(i), deposit: 1n }, 'start_node_migration', {
    destination_node_info: destination(i, n),
  })
}

export function cancelMigration(world: World, i: number): Outcome {
  return world.call({ account: operator(i), deposit: 1n }, 'cancel_node_migration', {})
}

/** The new node has the live keyset and signs with its own key. */
export function concludeMigration(world: World, i: number, n = 1): Outcome {
  return world.call({ account: operator(i), key: newNode(i, n).signer }, 'conclude_node_migration', {
    keyset: liveKeyset(world),
  })
}

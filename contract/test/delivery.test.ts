import test from 'ava'
import { keysetDigest } from '../../protocol/src/keyset-digest.ts'
import { parseKeyset } from '../../protocol/src/contract-state.ts'
import { ed25519Key } from './support/keys.ts'
import { liveKeyset, newNode, recover } from './support/recovering.ts'
import { operator, running, SECOND, START, type World } from './support/world.ts'

const SIDECAR = ed25519Key(4_000)

function withSidecar(signer: string | null = SIDECAR): World {
  const world = running()
  const backup_service_info = {
    public_key: ed25519Key(4_001),
    ...(signer === null ? {} : { signer_account_pk: signer }),
  }
  world.do({ account: operator(1), deposit: 1n }, 'register_backup_service', { backup_service_info })
  recover(world, 1)
  return world
}

/** The digest as the clients compute it: from the same JSON, by other code. */
function digest(world: World): string {
  return keysetDigest(parseKeyset(liveKeyset(world) as Parameters<typeof parseKeyset>[0], 'the live keyset'))
}

function confirm(world: World, changes: object = {}, key = SIDECAR, i = 1) {
  return world.call({ account: operator(i), key }, 'confirm_share_delivery', {
    tls_public_key: newNode(1).tls,
    keyset_digest: digest(world),
    ...changes,
  })
}

test('confirm_share_delivery - should record the digest of the live keyset, as the clients compute it', (t) => {
  const world = withSidecar()
  t.is(confirm(world).refused, null)
  t.deepEqual(world.body().recovering[operator(1)].delivered, { keyset_digest: digest(world), at: String(START) })
})

test('confirm_share_delivery - should change nothing when repeated', (t) => {
  const world = withSidecar()
  confirm(world)
  const before = world.body()
  world.now += SECOND
  t.deepEqual(confirm(world).events, [])
  t.deepEqual(world.body(), before)
})

test('confirm_share_delivery - should refuse another key, node, keyset or account', (t) => {
  const world = withSidecar()
  t.is(confirm(world, {}, ed25519Key(1)).code, 'WRONG_SIGNER_KEY')
  t.is(confirm(world, { tls_public_key: ed25519Key(1) }).code, 'TLS_KEY_MISMATCH')
  t.is(confirm(world, { keyset_digest: '00'.repeat(32) }).code, 'KEYSET_MISMATCH')
  t.is(confirm(world, { keyset_digest: undefined }).code, 'MISSING_ARGUMENT')
  t.is(confirm(world, { extra: 1 }).code, 'UNKNOWN_ARGUMENT')
  t.is(confirm(world, {}, SIDECAR, 0).code, 'NOT_RECOVERING')
  t.is(confirm(running()).code, 'WRONG_STATE')
})

test('confirm_share_delivery - should refuse an account without a registered backup service', (t) => {
  const world = running()
  recover(world, 1)
  t.is(confirm(world).code, 'NO_BACKUP_SERVICE')
})

test('confirm_share_delivery - should take any key where no signer key was registered', (t) => {
  t.is(confirm(withSidecar(null), {}, ed25519Key(1)).refused, null)
})

test('confirm_share_delivery - should refuse an expired recovery', (t) => {
  const world = withSidecar()
  world.now += 86_400n * SECOND
  t.is(confirm(world).code, 'WRONG_STATE')
})

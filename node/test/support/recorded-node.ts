import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { parseKeyset, type Keyset } from '@holdfast/protocol/contract-state.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { keysetWithCommitments, KEYSET_TEXT, sharesOf } from '../../../protocol/test/support/keyshare-vectors.ts'
import type { Phase } from '../../src/phases/phase.ts'
import { openShareDirectory } from '../../src/storage/share-directory.ts'
import { openShareStore } from '../../src/storage/share-store.ts'
import { openKeyshareNode } from './keyshare-node.ts'
import { participating } from './mesh-node.ts'
import { KEYS } from './states.ts'

/** The AES key, keyset and shares that near/mpc's node had when its exchanges were recorded: participant 0's. */
export const AES_KEY = Buffer.alloc(32, 0xa5)
export const KEYSET: Keyset = parseKeyset(parseJson(KEYSET_TEXT, 'keyset'), 'keyset')
export const SHARES: Keyshare[] = sharesOf(0)

const self = {
  accountId: 'a.near',
  participantId: 0,
  info: { url: 'http://a.near:1', tls_public_key: KEYS.mine, incarnation: 0n },
}
export const PARTICIPATING = participating(self, [self], KEYSET, 3)

/** A node that has lost its shares, under a contract that has commitments where a curve can be proved. */
export const AWAITING = {
  kind: 'awaitingShares',
  helpers: [],
  keyset: keysetWithCommitments(),
  claim: 'recovery',
  participantId: 0,
  requestedAt: 0n,
  hasBackupService: true,
} as const satisfies Phase

export type RecordedNode = Awaited<ReturnType<typeof openRecordedNode>>

/**
 * The key-share server on a share store on disk: empty while it awaits the shares, else with them, and with one attempt
 * that the contract has not concluded.
 */
export async function openRecordedNode(
  t: ExecutionContext,
  phase: Phase,
  options: { requestMs?: number; aesKey?: Uint8Array } = {},
) {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  const store = await openShareStore(await openShareDirectory(home, writeDurably))
  if (phase.kind !== 'awaitingShares') {
    await store.importShares(KEYSET, SHARES)
    for (const share of SHARES) {
      const key = KEYSET.domains.find(({ domain_id }) => domain_id === share.domainId)?.key
      if (share.curve !== 'Ed25519' || key === undefined) continue
      await store.storeTemporary({
        share: { ...share, attemptId: share.attemptId + 1n },
        key: publicKeyText(key),
        commitments: null,
      })
    }
  }
  const node = await openKeyshareNode({ shares: store, phase, aesKey: AES_KEY, ...options })
  t.teardown(node.close)
  return { ...node, store }
}

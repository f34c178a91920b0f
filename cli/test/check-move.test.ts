import test from 'ava'
import type { MigrationInfo, ProtocolState } from '@holdfast/protocol/contract-state.ts'
import {
  initializing,
  KEYS,
  keyNumber,
  MINE_AND_OTHERS,
  moveTo,
  NOW_NS,
  recovery,
  resharing,
  running,
} from '../../node/test/support/states.ts'
import { checkMove } from '../src/operator/check-move.ts'
import { describeMove } from '../src/operator/migrate.ts'

const NEW = { url: 'http://new.near:3000', tlsKey: keyNumber(30), signerKey: keyNumber(31) }
const BACKUP = keyNumber(32)
const block = { height: 1n, hash: 'h', timestampMs: Number(NOW_NS / 1_000_000n) }
const registered: MigrationInfo = { 'me.near': [{ public_key: BACKUP, signer_account_pk: null }, null] }

function check(
  state: ProtocolState,
  changes: { migrationInfo?: MigrationInfo; account?: string; tlsKey?: typeof BACKUP } = {},
) {
  const { migrationInfo = registered, account = 'me.near', tlsKey = NEW.tlsKey } = changes
  return checkMove({ state, migrationInfo, block }, account, { ...NEW, tlsKey })
}

test('planned move - should be shown before it is ordered', (t) => {
  const move = check(running(MINE_AND_OTHERS))
  t.deepEqual(move, {
    from: { url: 'http://me.near:3000', tlsKey: KEYS.mine },
    replaces: undefined,
    hasBackupService: true,
  })
  const text = describeMove('me.near', NEW, move)
  for (const part of [KEYS.mine, NEW.tlsKey, NEW.signerKey, NEW.url]) t.true(text.includes(part), text)
  t.notRegex(text, /instead|register/)
  const pending: MigrationInfo = { 'me.near': [null, moveTo(KEYS.other, KEYS.signer)] }
  const instead = describeMove('me.near', NEW, check(running(MINE_AND_OTHERS), { migrationInfo: pending }))
  t.regex(instead, new RegExp(`instead of the move to ${KEYS.other}.*\n.*no backup service.*holdfast register`))
  const same: MigrationInfo = { 'me.near': [null, moveTo(NEW.tlsKey, NEW.signerKey)] }
  t.is(check(running(MINE_AND_OTHERS), { migrationInfo: same }).replaces, undefined)
})

const bob = { account: 'bob.near', id: 1, key: KEYS.other, signer: KEYS.other }
const me = { account: 'me.near', id: 0, key: KEYS.other, signer: KEYS.other }

test('planned move - should be ordered where every recovery has expired, for the call ends them', (t) => {
  t.notThrows(() => check(recovery(MINE_AND_OTHERS, [{ ...bob, expiresAt: NOW_NS }])))
})

for (const [what, act, says] of [
  ['before there is a network', () => check({ kind: 'NotInitialized' }), /no participants yet/],
  ['while keys are generated', () => check(initializing(MINE_AND_OTHERS)), /being generated/],
  ['while keys are reshared', () => check(resharing(MINE_AND_OTHERS)), /being reshared/],
  ['while another recovers', () => check(recovery(MINE_AND_OTHERS, [bob])), /an operator is recovering/],
  [
    'while the account recovers',
    () => check(recovery(MINE_AND_OTHERS, [me])),
    /me\.near is recovering .*cancel_recovery/,
  ],
  ['of who takes no part', () => check(running(MINE_AND_OTHERS), { account: 'zoe.near' }), /zoe\.near takes no part/],
  ['to the present node', () => check(running(MINE_AND_OTHERS), { tlsKey: KEYS.mine }), /update_participant_url/],
  ["to another's node", () => check(running(MINE_AND_OTHERS), { tlsKey: KEYS.bob }), /bob\.near's node/],
  ['to a backup service', () => check(running(MINE_AND_OTHERS), { tlsKey: BACKUP }), /me\.near's backup service/],
  [
    "to where another's account moves",
    () => check(running(MINE_AND_OTHERS), { migrationInfo: { 'bob.near': [null, moveTo(NEW.tlsKey, KEYS.signer)] } }),
    /bob\.near's migrating node/,
  ],
] as const) {
  test(`planned move ${what} - should be refused before anything is sent`, (t) => {
    const error = t.throws(act)
    t.regex(error?.message ?? '', says)
    t.true(['MOVE_IMPOSSIBLE', 'TLS_KEY_OF_ANOTHER'].includes((error as { code?: string }).code ?? ''))
  })
}

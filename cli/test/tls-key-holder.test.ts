import test from 'ava'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { KEYS, keyNumber, recovery, REPLACEABLE, running } from '../../node/test/support/states.ts'
import { refuseForeignKey } from '../src/operator/tls-key-holder.ts'

const BACKUP_KEY = keyNumber(20)
const MOVING_KEY = keyNumber(21)
const FREE_KEY = keyNumber(22)
const view: Pick<ContractView, 'state' | 'migrationInfo'> = {
  state: recovery(REPLACEABLE, [{ account: 'carol.near', id: 2, key: KEYS.mine, signer: KEYS.signer }]),
  migrationInfo: {
    'me.near': [{ public_key: BACKUP_KEY, signer_account_pk: null }, null],
    'bob.near': [
      null,
      {
        signer_account_pk: KEYS.signer,
        destination_node_info: { url: 'http://new.bob:3000', tls_public_key: MOVING_KEY },
      },
    ],
  },
}

for (const [what, key, account, holder] of [
  ["another operator's node", KEYS.bob, 'me.near', "bob.near's node"],
  ["another operator's recovering node", KEYS.mine, 'me.near', "carol.near's recovering node"],
  ["another operator's migrating node", MOVING_KEY, 'me.near', "bob.near's migrating node"],
  ["another operator's backup service", BACKUP_KEY, 'bob.near', "me.near's backup service"],
  ["one's own backup service", BACKUP_KEY, 'me.near', "me.near's backup service"],
] as const) {
  test(`authorise - should refuse the TLS key of ${what}`, (t) => {
    t.throws(() => refuseForeignKey(view, account, key), {
      code: 'TLS_KEY_OF_ANOTHER',
      message: new RegExp(`${holder.replaceAll('.', '\\.')};`),
    })
  })
}

test("authorise - should take a free key, and one's own node's", (t) => {
  t.notThrows(() => refuseForeignKey(view, 'me.near', FREE_KEY))
  t.notThrows(() => refuseForeignKey({ ...view, state: running(REPLACEABLE) }, 'me.near', KEYS.other))
  t.notThrows(() => refuseForeignKey(view, 'carol.near', KEYS.mine))
})

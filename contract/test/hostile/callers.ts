import { ALICE, BOB, CONTRACT, DAVE, ERIN, FRANK, keyOf, RELAY } from './cast.ts'
import type { Transaction } from './chain.ts'

/** A kind of caller: whose account and key sign, and what is attached. */
export interface Caller {
  /** As the table in the documentation calls it. */
  readonly title: string
  /** In whose name the call reaches the contract. */
  readonly account: string
  readonly signer: string
  readonly key: string
  readonly deposit: 'as the method asks' | 'wrong' | 'always'
}

function straight(title: string, account: string, key = keyOf(account, 'owner')): Caller {
  return { title, account, signer: account, key, deposit: 'as the method asks' }
}

/** Every kind of caller there is. The first nine are one participant, whose node has been replaced once. */
export const CALLERS = {
  operator: straight('full-access key', ALICE),
  operatorPaysWrongly: { ...straight('full-access key, wrong deposit', ALICE), deposit: 'wrong' },
  node: straight('its node’s key', ALICE, keyOf(ALICE, 'node')),
  nodePays: { ...straight('its node’s key, with a deposit', ALICE, keyOf(ALICE, 'node')), deposit: 'always' },
  oldNode: straight('the replaced node’s key', ALICE, keyOf(ALICE, 'old')),
  nextNode: straight('the authorised, migrating node’s key', ALICE, keyOf(ALICE, 'next')),
  backup: straight('its backup service’s key', ALICE, keyOf(ALICE, 'backup')),
  openKey: straight('a function-call key for every method', ALICE, keyOf(ALICE, 'app')),
  throughRelay: { ...straight('through another contract', RELAY), signer: ALICE, key: keyOf(ALICE, 'owner') },
  throughParticipant: {
    ...straight('a stranger through a contract on its account', ALICE),
    signer: FRANK,
    key: keyOf(FRANK, 'owner'),
  },
  peer: straight('another participant', BOB),
  candidate: straight('candidate', DAVE),
  former: straight('former participant', ERIN),
  outsider: straight('outsider', FRANK),
  contract: straight('the contract’s own account', CONTRACT),
} satisfies Record<string, Caller>

export type CallerName = keyof typeof CALLERS
export const CALLER_NAMES = Object.keys(CALLERS) as CallerName[]

/** The transaction with which this caller makes this call; a method that `asks` for a deposit is given 1 yoctoNEAR. */
export function transactionOf(caller: Caller, method: string, input: Uint8Array, asks: boolean): Transaction {
  const { account, signer, key } = caller
  const deposit = { 'as the method asks': asks && keyCanPay(caller), wrong: !asks, always: true }[caller.deposit]
    ? 1n
    : 0n
  if (account === signer) return { signer, key, receiver: CONTRACT, method, input, deposit }
  const relayed = new TextEncoder().encode(`${CONTRACT}\n${method}\n`)
  return {
    signer,
    key,
    receiver: account,
    method: 'relay',
    input: new Uint8Array(Buffer.concat([relayed, input])),
    deposit,
  }
}

/** Only a full-access key can attach a deposit; the others' owners know it and do not try. */
function keyCanPay({ signer, key }: Caller): boolean {
  return key === keyOf(signer, 'owner')
}

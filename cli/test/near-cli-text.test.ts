import test from 'ava'
import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '@holdfast/contract/access-key-methods.ts'
import {
  planAuthorisation,
  planDomainVote,
  planMove,
  planMoveCancellation,
  planRegistration,
} from '../src/operator/plan.ts'
import { nearCliText } from '../src/operator/render-action.ts'
import { nearText } from '../src/near/near-cli-text.ts'
import { nearCliNetwork } from '../src/operator/target.ts'
import { signingDomain } from '../src/domain-option.ts'

const CONTEXT = { accountId: 'alice.near', contractId: 'mpc.near', network: 'mainnet' }
const TLS = 'ed25519:GyPGVtCXN1sVrUQkJ7F7nbAYpzqBBLT1aaDpr1XmZDfC'
const SIGNER = 'ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp'
const KEYS = { tlsKey: TLS, signerKey: SIGNER } as const

test('authorise - should print the near-cli-rs commands that do the same', (t) => {
  const texts = planAuthorisation({ ...KEYS, expiresInSeconds: 3600 }).map((action) => nearCliText(action, CONTEXT))
  t.deepEqual(texts, [
    'near account add-key alice.near grant-function-call-access --allowance unlimited --contract-account-id mpc.near ' +
      `--function-names '${NODE_METHODS.join(',')}' use-manually-provided-public-key ${SIGNER} ` +
      'network-config mainnet sign-with-keychain send',
    `near contract call-function as-transaction mpc.near authorize_node json-args '{"tls_public_key":"${TLS}",` +
      `"signer_account_pk":"${SIGNER}","expires_in_seconds":3600}' prepaid-gas '100 Tgas' attached-deposit '1 yoctoNEAR' ` +
      'sign-as alice.near network-config mainnet sign-with-keychain send',
  ])
})

test('migrate - should print the near-cli-rs commands that do the same, and authorise no recovery', (t) => {
  const texts = planMove({ ...KEYS, url: 'http://new:3000' }).map((action) => nearCliText(action, CONTEXT))
  t.is(texts.length, 2)
  t.regex(texts[0] ?? '', new RegExp(`^near account add-key alice\\.near .*${NODE_METHODS.join(',')}.* ${SIGNER} `))
  t.is(
    texts[1],
    'near contract call-function as-transaction mpc.near start_node_migration json-args ' +
      `'{"destination_node_info":{"signer_account_pk":"${SIGNER}","destination_node_info":{"url":"http://new:3000",` +
      `"tls_public_key":"${TLS}"}}}' prepaid-gas '100 Tgas' attached-deposit '1 yoctoNEAR' ` +
      'sign-as alice.near network-config mainnet sign-with-keychain send',
  )
  t.deepEqual(planMoveCancellation(), [{ kind: 'call', method: 'cancel_node_migration', args: {}, depositYocto: 1n }])
})

test('register - should limit the access key to the backup service’s methods', (t) => {
  const [addKey, register] = planRegistration({ ...KEYS, allowanceYocto: 25n * 10n ** 22n })
  t.deepEqual(addKey, {
    kind: 'add-key',
    publicKey: SIGNER,
    methods: BACKUP_SERVICE_METHODS,
    allowanceYocto: 25n * 10n ** 22n,
  })
  t.regex(nearCliText(addKey as NonNullable<typeof addKey>, CONTEXT), /--allowance '0\.25 NEAR'/)
  t.like(register, { method: 'register_backup_service', depositYocto: 1n })
})

test('vote-add-domains - should attach no deposit', (t) => {
  const [vote] = planDomainVote([signingDomain(0, 3)])
  t.deepEqual(vote, {
    kind: 'call',
    method: 'vote_add_domains',
    args: { domains: [{ id: 0, protocol: 'Frost', reconstruction_threshold: 3, purpose: 'Sign' }] },
    depositYocto: 0n,
  })
})

for (const [yocto, text] of [
  [0n, '0'],
  [1n, '0.000000000000000000000001'],
  [10n ** 24n, '1'],
  [1_500n * 10n ** 21n, '1.5'],
] as const) {
  test(`amounts - should write ${yocto} yoctoNEAR as ${text} NEAR`, (t) => t.is(nearText(yocto), text))
}

test('near-cli - should be told the public chain where it is known, else guess by where the endpoints are', (t) => {
  t.is(nearCliNetwork('testnet', ['http://127.0.0.1:3030']), 'testnet')
  t.is(nearCliNetwork('mainnet', []), 'mainnet')
  t.is(nearCliNetwork('localnet', ['http://127.0.0.1:3030', 'http://[::1]:3030']), 'localnet')
  t.is(nearCliNetwork(undefined, ['https://rpc.example.org']), 'mainnet')
})

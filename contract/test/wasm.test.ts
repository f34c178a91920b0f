import anyTest, { type TestFn } from 'ava'
import type { Account } from 'near-api-js'
import { keysetDigest } from '../../protocol/src/keyset-digest.ts'
import { parseKeyset } from '../../protocol/src/contract-state.ts'
import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '../src/access-key-methods.ts'
import { Deployed, publicKeyOf } from './support/deployed.ts'
import { blsKey, caitSithKey, ed25519Key, frostKey } from './support/keys.ts'
import { domain } from './support/world.ts'

/**
 * The compiled contract on a chain, once through the life of a network: one story in order, because every step stands on
 * the ones before. What the rules are is tested case by case in memory; here the wasm, the chain's keys, deposits and
 * receipts have their say.
 */
const test = anyTest as TestFn<{
  deployed: Deployed
  operators: [Account, Account, Account]
  outsider: Account
}>

test.before(async (t) => {
  const deployed = await Deployed.start()
  const operators: Account[] = []
  for (const name of ['op0', 'op1', 'op2']) operators.push(await deployed.account(name))
  t.context = {
    deployed,
    operators: operators as [Account, Account, Account],
    outsider: await deployed.account('outsider'),
  }
})

test.after.always(async (t) => {
  await t.context.deployed?.chain.stop()
})

const ONE = 1n
/** Long enough for the calls of a step, short enough to wait for. */
const RECOVERY_TIMEOUT_SECONDS = 4
const COOLDOWN_SECONDS = 1

test.serial('wasm - should answer NotInitialized and refuse everything before init', async (t) => {
  const { deployed, operators } = t.context
  t.is(await deployed.view('state'), 'NotInitialized')
  t.is(
    (await deployed.call(operators[0], 'expire_recoveries')).panic,
    'NOT_INITIALIZED: the contract must be initialised with init first',
  )
  await t.throwsAsync(deployed.view('config'), { message: /NOT_INITIALIZED/ })
})

test.serial('wasm - should be initialised by its own account, once', async (t) => {
  const { deployed, operators } = t.context
  const args = {
    parameters: {
      participants: {
        next_id: 3,
        participants: operators.map(({ accountId }, i) => [
          accountId,
          i,
          { url: `http://node${i}.example:80`, tls_public_key: ed25519Key(i) },
        ]),
      },
      threshold: 2,
    },
    init_config: { recovery_timeout_seconds: RECOVERY_TIMEOUT_SECONDS, recovery_cooldown_seconds: COOLDOWN_SECONDS },
  }
  t.is((await deployed.call(operators[0], 'init', args)).code, 'NOT_CONTRACT_ACCOUNT')
  const { panic, events } = await deployed.call(deployed.contract, 'init', args)
  t.is(panic, null)
  t.deepEqual(events, ['initialized'])
  t.is((await deployed.call(deployed.contract, 'init', args)).code, 'ALREADY_INITIALIZED')
  t.deepEqual(await deployed.view('config'), {
    key_event_timeout_blocks: 30,
    recovery_timeout_seconds: RECOVERY_TIMEOUT_SECONDS,
    recovery_cooldown_seconds: COOLDOWN_SECONDS,
    authorization_default_seconds: 86_400,
  })
})

test.serial('wasm - should export its methods and nothing else', async (t) => {
  const { deployed, outsider } = t.context
  for (const method of ['Holdfast', '_start', 'panic', '_getState', 'constructor', 'main']) {
    t.regex((await deployed.call(outsider, method)).panic ?? 'called', /MethodNotFound|MethodResolveError/, method)
  }
})

test.serial('wasm - should refuse a deposit where none belongs, with the SDK’s own words', async (t) => {
  const { deployed, operators } = t.context
  t.regex(
    (await deployed.call(operators[0], 'vote_add_domains', { domains: [] }, ONE)).panic!,
    /^Function is not payable/,
  )
})

test.serial('wasm - should generate keys of all three curves', async (t) => {
  const { deployed, operators } = t.context
  const domains = [domain(0), domain(1, 'CaitSith'), domain(2, 'ConfidentialKeyDerivation')]
  for (const operator of operators) t.is((await deployed.call(operator, 'vote_add_domains', { domains })).panic, null)
  const keys = [frostKey(2), caitSithKey(2), blsKey()]
  for (const [domain_id, key] of keys.entries()) {
    const key_event_id = { epoch_id: 0, domain_id, attempt_id: 0 }
    t.is((await deployed.call(operators[0], 'start_keygen_instance', { key_event_id })).panic, null)
    if (domain_id === 0) {
      const smallOrder = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
      const bad = { key_event_id, ...key, commitments: [key.commitments![0], smallOrder] }
      t.is((await deployed.call(operators[0], 'vote_pk', bad)).code, 'INVALID_COMMITMENTS')
    }
    if (domain_id === 1) {
      const offCurve = { key_event_id, ...key, commitments: [key.commitments![0], `02${'0'.repeat(63)}5`] }
      t.is((await deployed.call(operators[0], 'vote_pk', offCurve)).code, 'INVALID_COMMITMENTS')
    }
    for (const operator of operators) {
      t.is((await deployed.call(operator, 'vote_pk', { key_event_id, ...key })).panic, null)
    }
  }
  const { Running } = await deployed.view('state')
  t.deepEqual(
    Running.keyset.domains.map((entry: { commitments: string[] | null }) => entry.commitments),
    keys.map(({ commitments }) => commitments),
  )
  t.deepEqual(Running.keyset.domains[2].key, { Bls12381: { public_key: blsKey().public_key } })
})

test.serial('wasm - should keep operator methods from function-call keys: they cannot attach a deposit', async (t) => {
  const { deployed, operators } = t.context
  const limited = await deployed.withFunctionCallKey(operators[1], [])
  const info = { backup_service_info: { public_key: ed25519Key(70) } }
  t.is((await deployed.call(limited, 'register_backup_service', info)).code, 'DEPOSIT_REQUIRED')
  t.regex(
    (await deployed.call(limited, 'register_backup_service', info, ONE)).rejected ?? '',
    /DepositWithFunctionCall|deposit/i,
  )
  t.deepEqual(await deployed.view('migration_info'), {})
})

test.serial('wasm - should give back what exceeds 1 yoctoNEAR', async (t) => {
  const { deployed, operators } = t.context
  const before = await deployed.balance(operators[1])
  const deposit = 5n * 10n ** 24n
  const info = { backup_service_info: { public_key: ed25519Key(70), signer_account_pk: ed25519Key(71) } }
  const { panic, events } = await deployed.call(operators[1], 'register_backup_service', info, deposit)
  t.is(panic, null)
  t.deepEqual(events, ['backup_service_registered'])
  t.deepEqual(await deployed.view('migration_info'), { [operators[1].accountId]: [info.backup_service_info, null] })
  // The refund is a receipt of its own, a block or two later.
  let spent = deposit
  for (let i = 0; i < 50 && spent > 10n ** 23n; i++) {
    await new Promise((resolve) => setTimeout(resolve, deployed.chain.blockMs))
    spent = before - (await deployed.balance(operators[1]))
  }
  t.true(spent < 10n ** 23n, `spent ${spent}`)
})

test.serial('wasm - should refuse calls through another contract', async (t) => {
  const { deployed, operators } = t.context
  const relay = await deployed.relay('relay')
  const input = `${deployed.contract.accountId}\nexpire_recoveries\n{}`
  const { code, panic } = await deployed.callOn(relay.accountId, operators[0], 'relay', input)
  t.is(code, 'NOT_DIRECT_CALL', panic ?? '')
  t.regex(panic!, new RegExp(`signed by ${operators[0].accountId}, made by ${relay.accountId}`))
})

test.serial(
  'wasm - should recover a node end to end with nothing but limited keys and one authorisation',
  async (t) => {
    const { deployed, operators } = t.context
    const [, operator] = operators
    const node = await deployed.withFunctionCallKey(operator, NODE_METHODS)
    const sidecar = await deployed.withFunctionCallKey(operator, BACKUP_SERVICE_METHODS)
    const tls = ed25519Key(500)
    const participant_info = { url: 'http://new.example:80', tls_public_key: tls }

    t.is((await deployed.call(node, 'submit_participant_recovery_info', { participant_info })).code, 'NOT_AUTHORIZED')
    const backup = { public_key: ed25519Key(70), signer_account_pk: await publicKeyOf(sidecar) }
    t.is((await deployed.call(operator, 'register_backup_service', { backup_service_info: backup }, ONE)).panic, null)
    const authorization = { tls_public_key: tls, signer_account_pk: await publicKeyOf(node) }
    t.is((await deployed.call(operator, 'authorize_node', authorization, ONE)).panic, null)
    t.like(await deployed.view('node_authorization', { account_id: operator.accountId }), authorization)
    t.is(await deployed.view('node_authorization', { account_id: operators[0].accountId }), null)

    const asked = await deployed.call(node, 'submit_participant_recovery_info', { participant_info })
    t.is(asked.panic, null)
    t.deepEqual(asked.events, ['recovery_requested'])
    const { Recovery } = await deployed.view('state')
    t.like(Recovery.recovering[operator.accountId], {
      participant_id: 1,
      destination_node_info: participant_info,
      delivered: null,
    })

    const { keyset } = Recovery.previous_running_state
    const keyset_digest = keysetDigest(parseKeyset(keyset, 'the live keyset'))
    t.is(
      (await deployed.call(node, 'confirm_share_delivery', { tls_public_key: tls, keyset_digest })).rejected === null,
      false,
    )
    const delivered = await deployed.call(sidecar, 'confirm_share_delivery', { tls_public_key: tls, keyset_digest })
    t.is(delivered.panic, null)
    t.like(await deployed.view('state'), {
      Recovery: { recovering: { [operator.accountId]: { delivered: { keyset_digest } } } },
    })

    t.is((await deployed.call(operator, 'conclude_recovery', { keyset })).code, 'WRONG_SIGNER_KEY')
    t.is(
      (await deployed.call(node, 'conclude_recovery', { keyset: { ...keyset, epoch_id: 1 } })).code,
      'KEYSET_MISMATCH',
    )
    const concluded = await deployed.call(node, 'conclude_recovery', { keyset })
    t.is(concluded.panic, null)
    t.deepEqual(concluded.events, ['recovery_concluded', 'running_entered'])
    const { Running } = await deployed.view('state')
    t.deepEqual(Running.parameters.participants.participants[1], [
      operator.accountId,
      1,
      { ...participant_info, incarnation: 1 },
    ])
    t.is(Running.participants_revision, 1)
    t.is(await deployed.view('node_authorization', { account_id: operator.accountId }), null)
  },
)

test.serial(
  'wasm - should let everybody recover at once, cancel, expire and cool down by the chain’s clock',
  async (t) => {
    const { deployed, operators } = t.context
    const ask = (i: number, n: number) =>
      deployed.call(
        operators[i]!,
        'submit_participant_recovery_info',
        {
          participant_info: { url: `http://n${n}.example:80`, tls_public_key: ed25519Key(n) },
          signer_account_pk: ed25519Key(n + 1),
        },
        ONE,
      )
    for (const i of [0, 1, 2]) t.is((await ask(i, 600 + 10 * i)).panic, null)
    t.is(Object.keys((await deployed.view('state')).Recovery.recovering).length, 3)
    t.is((await ask(0, 700)).code, 'ALREADY_RECOVERING')
    t.deepEqual((await deployed.call(operators[0], 'cancel_recovery', {}, ONE)).events, ['recovery_cancelled'])
    t.is((await ask(0, 700)).code, 'COOLDOWN')
    await new Promise((resolve) => setTimeout(resolve, (RECOVERY_TIMEOUT_SECONDS + 0.5) * 1000))
    const { events } = await deployed.call(t.context.outsider, 'expire_recoveries')
    t.deepEqual(events, ['recovery_expired', 'recovery_expired', 'running_entered'])
    const { Running } = await deployed.view('state')
    t.is(Running.participants_revision, 1)
    t.is((await ask(0, 700)).panic, null, 'the cooldown of the cancelled one is over')
    t.deepEqual((await deployed.call(operators[0], 'cancel_recovery', {}, ONE)).events, [
      'recovery_cancelled',
      'running_entered',
    ])
  },
)

test.serial(
  'wasm - should take receipts from the backup service’s limited key and say what they are worth',
  async (t) => {
    const { deployed, operators } = t.context
    const [operator] = operators
    const sidecar = await deployed.withFunctionCallKey(operator, BACKUP_SERVICE_METHODS)
    const service = { public_key: ed25519Key(75), signer_account_pk: await publicKeyOf(sidecar) }
    t.is((await deployed.call(operator, 'register_backup_service', { backup_service_info: service }, ONE)).panic, null)
    const { keyset } = (await deployed.view('state')).Running
    const receipt = {
      epoch_id: keyset.epoch_id,
      keyset_digest: keysetDigest(parseKeyset(keyset, 'the live keyset')),
      ciphertext_sha256: 'ab'.repeat(32),
      kind: 'drilled',
    }
    t.is((await deployed.call(operator, 'report_backup', { receipt })).code, 'WRONG_SIGNER_KEY')
    t.is(
      (await deployed.call(sidecar, 'report_backup', { receipt: { ...receipt, epoch_id: 1 } })).code,
      'KEYSET_MISMATCH',
    )
    t.deepEqual((await deployed.call(sidecar, 'report_backup', { receipt })).events, ['backup_reported'])
    const { stored, drilled } = (await deployed.view('backup_receipts'))[operator.accountId]
    t.is(stored, null)
    t.like(drilled, receipt)
    const { level, domains, operators: byOperator } = await deployed.view('recoverability')
    t.is(level, 'degraded')
    for (const domain of domains) t.like(domain, { participants: 3, live: 3, stored: 1, drilled: 1 })
    t.deepEqual(byOperator[operator.accountId], { live: true, stored_at: drilled.at, drilled_at: drilled.at })
  },
)

test.serial('wasm - should move a node by plan, with a limited key, and change a url', async (t) => {
  const { deployed, operators } = t.context
  const [, , operator] = operators
  const node = await deployed.withFunctionCallKey(operator, NODE_METHODS)
  const tls_public_key = ed25519Key(850)
  const info = { url: 'http://moved.example:80', tls_public_key }
  const destination_node_info = { signer_account_pk: await publicKeyOf(node), destination_node_info: info }
  const args = { destination_node_info }
  t.regex((await deployed.call(node, 'start_node_migration', args)).rejected ?? '', /MethodName|method/i)
  t.is((await deployed.call(operator, 'start_node_migration', args)).code, 'DEPOSIT_REQUIRED')
  const other = { ...args.destination_node_info, signer_account_pk: ed25519Key(851) }
  t.is((await deployed.call(operator, 'start_node_migration', { destination_node_info: other }, ONE)).panic, null)
  t.deepEqual((await deployed.call(operator, 'cancel_node_migration', {}, ONE)).events, ['node_migration_cancelled'])
  t.is((await deployed.call(operator, 'cancel_node_migration', {}, ONE)).code, 'MIGRATION_NOT_FOUND')
  t.deepEqual((await deployed.call(operator, 'start_node_migration', args, ONE)).events, ['node_migration_started'])
  t.deepEqual((await deployed.view('migration_info'))[operator.accountId], [null, destination_node_info])
  const candidacy = { participant_info: info }
  t.is((await deployed.call(t.context.outsider, 'submit_participant_info', candidacy)).code, 'TLS_KEY_TAKEN')

  const { keyset, participants_revision } = (await deployed.view('state')).Running
  t.is((await deployed.call(operator, 'conclude_node_migration', { keyset })).code, 'WRONG_SIGNER_KEY')
  const wrong = { keyset: { ...keyset, epoch_id: 1 } }
  t.is((await deployed.call(node, 'conclude_node_migration', wrong)).code, 'KEYSET_MISMATCH')
  const concluded = await deployed.call(node, 'conclude_node_migration', { keyset })
  t.is(concluded.panic, null)
  t.deepEqual(concluded.events, ['node_migration_concluded'])
  const url = 'http://moved-on.example:80'
  t.is((await deployed.call(operator, 'update_participant_url', { url })).code, 'DEPOSIT_REQUIRED')
  t.deepEqual((await deployed.call(operator, 'update_participant_url', { url }, ONE)).events, [
    'participant_url_updated',
  ])
  const { Running } = await deployed.view('state')
  t.is(Running.participants_revision, participants_revision + 2)
  t.deepEqual(Running.parameters.participants.participants[2], [
    operator.accountId,
    2,
    { url, tls_public_key, incarnation: 1 },
  ])
  t.false(operator.accountId in (await deployed.view('migration_info')))
})

test.serial('wasm - should keep candidates, name their keys and refuse what is malformed', async (t) => {
  const { deployed, outsider } = t.context
  const participant_info = { url: 'http://candidate.example:80', tls_public_key: ed25519Key(800) }
  t.deepEqual((await deployed.call(outsider, 'submit_participant_info', { participant_info })).events, [
    'candidate_submitted',
  ])
  t.deepEqual(await deployed.view('participant_candidates'), {
    [outsider.accountId]: { ...participant_info, signer_account_pk: await publicKeyOf(outsider) },
  })
  const codes: [string, string][] = [
    ['{}', 'MISSING_ARGUMENT'],
    ['[]', 'INVALID_ARGUMENT'],
    ['7', 'INVALID_ARGUMENT'],
    ['{"participant_info":{"url":"http://x:1","tls_public_key":"ed25519:1"}}', 'INVALID_ARGUMENT'],
    ['{"participant_info":{"url":"x"},"__proto__":{"a":1}}', 'UNKNOWN_ARGUMENT'],
    [`{"participant_info":{"url":"${'x'.repeat(5000)}","tls_public_key":"${ed25519Key(801)}"}}`, 'INVALID_ARGUMENT'],
    ['{"participant_info":{"value":"1","typeInfo":"bigint"}}', 'UNKNOWN_ARGUMENT'],
  ]
  for (const [args, code] of codes)
    t.is((await deployed.call(outsider, 'submit_participant_info', args)).code, code, args)
  const malformed = await deployed.call(outsider, 'submit_participant_info', '{"participant_info":')
  t.is(malformed.code, null)
  t.not(malformed.panic, null)
})

test.serial('wasm - should compare integers above 2^53 exactly', async (t) => {
  const { deployed, operators } = t.context
  const domains = [domain(3)]
  for (const operator of operators) await deployed.call(operator, 'vote_add_domains', { domains })
  const text = '{"key_event_id":{"epoch_id":0,"domain_id":3,"attempt_id":18446744073709551615}}'
  const { panic } = await deployed.call(operators[0], 'start_keygen_instance', text)
  t.regex(panic!, /^KEY_EVENT_MISMATCH: .*attempt 18446744073709551615$/)
  for (const operator of operators.slice(0, 2)) {
    t.is((await deployed.call(operator, 'vote_cancel_keygen', { next_domain_id: 4 })).panic, null)
  }
  t.is((await deployed.view('state')).Running.domains.next_domain_id, 4)
})

test.serial('wasm - should refuse arguments that a view does not know, by name', async (t) => {
  const { deployed } = t.context
  for (const view of [
    'state',
    'config',
    'migration_info',
    'backup_receipts',
    'recoverability',
    'participant_candidates',
    'contract_source_metadata',
  ]) {
    await t.throwsAsync(deployed.view(view, { account: 'x' }), { message: /UNKNOWN_ARGUMENT: arguments has no field/ })
  }
  await t.throwsAsync(deployed.view('node_authorization', { account_id: 'alice.near', at: 1 }), {
    message: /UNKNOWN_ARGUMENT/,
  })
})

test.serial('wasm - should describe itself as NEP-330 asks', async (t) => {
  const metadata = await t.context.deployed.view('contract_source_metadata')
  t.like(metadata, { version: '0.1.0' })
  t.true(metadata.standards.some(({ standard }: { standard: string }) => standard === 'nep297'))
})

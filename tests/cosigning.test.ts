import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { generateKeys } from '@holdfast/cli/devnet/build-network.ts'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { groupKeys } from '@holdfast/cli/devnet/waits.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { giveConsent, nodeStatus, signMessage } from '@holdfast/node/control-client.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { changeConfig } from './support/change-config.ts'
import { operatorAt, prepareNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { verifies } from './support/signing.ts'

/**
 * Who chooses what is signed (protocol.md 5): alice is dishonest and asks for what nobody else wants, bob's node signs
 * what bob has asked for, carol's what a program of hers allows. Fails if alice gets a signature that no honest operator
 * wanted, if a program that hangs counts as a yes, or if operators who agree get none.
 */
test('one dishonest operator - should have nothing signed that no other operator wanted', async (t) => {
  const devnet = await prepareNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const [alice, bob, carol] = [0, 1, 2].map((index) => presentMachine(operatorAt(devnet, index)))
  if (alice === undefined || bob === undefined || carol === undefined) throw new TypeError('no machines')
  const program = join(devnet.directory, 'policy.mjs')
  // Whoever replaces the program changes the policy: it is started anew for each message.
  const carolSays = (statements: string) =>
    writeFile(
      program,
      `import { text } from 'node:stream/consumers'\nconst { message_hex } = JSON.parse(await text(process.stdin))\n${statements}`,
    )
  await carolSays('setInterval(() => {}, 1e6)')
  await changeConfig(alice, { cosign: { policy: 'participants' } })
  await changeConfig(bob, { cosign: { policy: 'own-operator' } })
  await changeConfig(carol, {
    cosign: { policy: 'command', command: [process.execPath, program], deadline_ms: 2_500 },
  })
  for (const machine of [alice, bob, carol]) startMachine(devnet, machine)
  await generateKeys(devnet, 1)
  const key = groupKeys(await devnet.reader.readView(devnet.signal))['0'] ?? ''

  const wish = Buffer.from('all the money to alice')
  const refused = (home: string, message: Buffer, why: RegExp) =>
    waitUntil(
      `a refusal that says ${why.source}`,
      async () => {
        const answer = await signMessage(home, 0n, message).catch((error: Error) => error)
        if (!(answer instanceof Error)) return t.fail('it was signed') as never
        if (why.test(answer.message)) return answer.message
        throw answer
      },
      { deadlineMs: 60_000, signal: devnet.signal },
    )
  const refusal = await refused(alice.home, wish, /carol\.test\.near \(its policy gave no answer\)/)
  t.regex(refusal, /at most 1 of the 2 signers needed agree/)
  t.regex(refusal, /bob\.test\.near \(its operator has not asked for this message\)/)
  t.is((await nodeStatus(bob.home))['cosign'], 'own-operator')
  const [declined] = (await nodeStatus(bob.home))['declined_lately'] as { coordinator: string; message_hex: string }[]
  t.is(declined?.coordinator, 'alice.test.near')
  t.is(declined?.message_hex, wish.toString('hex'))

  // What bob asks for himself, or consents to, alice can have signed with him; nothing else, and not after a restart.
  const about = (command: string, home: string, ...more: string[]) =>
    runHoldfast([command, '--home', home, '--domain', '0', '--message', 'rent', ...more])
  const waiting = about('sign', alice.home, '--wait', '1m', '--json')
  const consent = await about('consent', bob.home, '--for', '1h')
  t.is(consent.code, EXIT_CODES.ok, consent.stderr)
  const signed = await waiting
  t.is(signed.code, EXIT_CODES.ok, signed.stderr)
  const made = JSON.parse(signed.stdout) as { signature: string; signers: string[] }
  t.true(verifies(key, Buffer.from('rent'), Buffer.from(made.signature, 'hex')))
  t.deepEqual(made.signers, ['alice.test.near', 'bob.test.near'])
  t.is((await about('consent', bob.home, '--withdraw')).code, EXIT_CODES.ok)
  await t.throwsAsync(signMessage(alice.home, 0n, Buffer.from('rent')), { code: 'SIGNING_DECLINED' })
  await giveConsent(bob.home, 0n, wish)
  t.is((await bob.process?.end('SIGTERM'))?.code, EXIT_CODES.ok)
  startMachine(devnet, bob)
  await refused(alice.home, wish, /bob\.test\.near \(its operator/)

  // Carol's program answers again.
  await carolSays(`process.exit(message_hex.startsWith('${Buffer.from('rent').toString('hex')}') ? 0 : 1)`)
  const rent = Buffer.from('rent of May')
  const withCarol = await waitUntil('a signature with carol', () => signMessage(alice.home, 0n, rent), {
    deadlineMs: 60_000,
    signal: devnet.signal,
  })
  t.true(verifies(key, rent, withCarol.signature))
  t.deepEqual(withCarol.signers, ['alice.test.near', 'carol.test.near'])
  await refused(alice.home, wish, /carol\.test\.near \(its policy does not allow/)
  await refused(carol.home, wish, /this node itself declines/)
  await t.throwsAsync(giveConsent(carol.home, 0n, wish), { code: 'CONSENT_NOT_ASKED' })
})

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { generateKeys } from '@holdfast/cli/devnet/build-network.ts'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { groupKeys } from '@holdfast/cli/devnet/waits.ts'
import { signMessage } from '@holdfast/node/control-client.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { prepareNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { assertSigns, verifies } from './support/signing.ts'

const AT_ONCE = 60

/**
 * The signing service of real nodes: many requests at once, a signer that is dead and one that hangs. Fails if a signature is
 * lost or false, if the operator's socket is open to others, or if the coordinator waits for a signer twice. Lying signers:
 * dishonest-participant.test.ts; too many requests: node/test/limiter.test.ts.
 */
test('signing - should serve many at once, and go around signers that are dead or hang', async (t) => {
  const devnet = await prepareNetwork(t, { nodes: 4, threshold: 2, domains: 1 })
  for (const operator of devnet.operators) startMachine(devnet, presentMachine(operator))
  await generateKeys(devnet, 1)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const group = keys['0'] ?? ''
  const [alice, , carol, dave] = devnet.operators as [Operator, Operator, Operator, Operator]
  for (const operator of devnet.operators) await assertSigns(t, devnet, operator, keys)
  const { home } = presentMachine(alice)
  t.is((await stat(home)).mode & 0o777, 0o700)
  t.is((await stat(join(home, 'control.sock'))).mode & 0o777, 0o600)

  const messages = Array.from({ length: AT_ONCE }, (_, index) => Buffer.from(`message ${index}`))
  const made = await Promise.all(
    messages.map((message, index) =>
      signMessage(presentMachine(devnet.operators[index % 4] as Operator).home, 0n, message),
    ),
  )
  for (const [index, { signature }] of made.entries())
    t.true(verifies(group, messages[index] ?? Buffer.of(), signature), `message ${index}`)

  await presentMachine(dave).process?.end('SIGKILL')
  for (let i = 0; i < 6; i++) await assertSigns(t, devnet, alice, keys)

  // Carol's process stands still: whoever asks her waits for her once, names her, and asks others from then on.
  const carols = presentMachine(carol).process
  process.kill(carols?.pid ?? 0, 'SIGSTOP')
  const named = async (): Promise<number> => {
    const log = await readFile(presentMachine(alice).process?.logFile ?? '', 'utf8')
    const lines = log.split('\n')
    return lines.filter((line) => line.includes('a signer failed') && line.includes(carol.accountId)).length
  }
  try {
    await waitUntil(
      'carol to be asked and named, or found to be away',
      async () => {
        await assertSigns(t, devnet, alice, keys)
        const log = await readFile(presentMachine(alice).process?.logFile ?? '', 'utf8')
        return (await named()) > 0 || log.includes('no heartbeat') || undefined
      },
      { deadlineMs: 60_000, signal: devnet.signal },
    )
    const before = await named()
    for (let i = 0; i < 6; i++) await assertSigns(t, devnet, alice, keys)
    t.is(await named(), before)
  } finally {
    process.kill(carols?.pid ?? 0, 'SIGCONT')
  }

  const asked = await runHoldfast(['sign', '--home', home, '--domain', '0', '--message', 'by the command', '--json'])
  t.is(asked.code, EXIT_CODES.ok, asked.stderr)
  const { signature } = JSON.parse(asked.stdout) as { signature: string }
  t.true(verifies(group, Buffer.from('by the command'), Buffer.from(signature, 'hex')))
})

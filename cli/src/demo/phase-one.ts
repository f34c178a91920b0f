import { access } from 'node:fs/promises'
import type { Devnet } from '../devnet/devnet.ts'
import { addMachine, destroyMachine } from '../devnet/machines.ts'
import type { Machine, Operator } from '../devnet/operator.ts'
import { authoriseMachine } from '../devnet/set-up.ts'
import { hasRecovered, waitForView } from '../devnet/waits.ts'
import { phaseInWords, recorder, recoverMachine } from './recover.ts'
import { sign } from './sign.ts'
import type { Story } from './story.ts'
import { trySigning } from './try-signing.ts'

/** One machine burns; the others sign meanwhile; a new one takes its place. */
export async function loseOneMachine(devnet: Devnet, story: Story): Promise<void> {
  const { operators, threshold } = devnet
  const victim = operators[Math.floor(operators.length / 2)] as Operator
  const other = operators.find((operator) => operator !== victim) as Operator
  story.phase('one', `Lose ${victim.name}'s machine`)
  const lost = await story.step(`kill ${victim.name}'s node, delete its disk`, async () => {
    const machine = await destroyMachine(victim)
    return { value: machine, detail: `kill -9 of process ${machine.process?.pid}, rm -r of ${machine.name}` }
  })
  story.check(`${lost.name}: the process is dead and the disk is gone`, await isGone(lost))

  if (operators.length - 1 >= threshold) await sign(devnet, story, 'one down', [other])
  else await trySigning(devnet, story, 'one down')

  const machine = await story.step('set up a new machine', async () => {
    const value = await addMachine(devnet, victim)
    return { value, detail: `${value.name} at ${value.address}, TLS key ${value.tlsKey.slice(8, 16)}…` }
  })
  story.check(
    'the new machine has other keys than the lost one',
    machine.tlsKey !== lost.tlsKey && machine.signerKey !== lost.signerKey,
  )
  await story.step(`authorise its keys as ${victim.name}`, async () => {
    await authoriseMachine(devnet, victim)
    return { value: undefined, detail: 'the last thing a person does; now it is final' }
  })
  const { seconds, signers } = await story.step(`start it, and watch it recover`, async (note) => {
    const value = await recoverMachine(devnet, victim, recorder(story, 'after one'), (phase) =>
      note(phaseInWords(phase)),
    )
    return { value, detail: 'its backup service gave it its shares' }
  })
  story.seconds.one = seconds
  const view = await waitForView(devnet, `${victim.name}'s recovery to be final`, (view) => hasRecovered(view, victim))
  story.check("the contract names the new machine's key as the operator's node", hasRecovered(view, victim))
  story.check('the recovered node is among the signers of its first signature', signers.includes(victim.accountId))
  await sign(devnet, story, 'after one', [victim])
}

/** True if neither a process nor a file of the machine is left. */
export async function isGone(machine: Machine): Promise<boolean> {
  const disk = await access(machine.home).then(
    () => true,
    () => false,
  )
  return !disk && machine.process?.ending() !== undefined
}

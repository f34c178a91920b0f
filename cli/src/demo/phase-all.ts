import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Devnet } from '../devnet/devnet.ts'
import { addMachine, destroyMachine } from '../devnet/machines.ts'
import { presentMachine } from '../devnet/operator.ts'
import { authoriseMachine } from '../devnet/set-up.ts'
import { hasRecovered, waitForView } from '../devnet/waits.ts'
import { isGone } from './phase-one.ts'
import { phaseInWords, recorder, recoverMachine } from './recover.ts'
import { sign } from './sign.ts'
import { secondsSince, type Story } from './story.ts'
import { trySigning } from './try-signing.ts'

/** Every machine burns at once; only the backup services are left. */
export async function loseEveryMachine(devnet: Devnet, story: Story): Promise<void> {
  const { operators } = devnet
  story.phase('all', `Lose all ${operators.length} machines at once`)
  const lost = await story.step('kill every node, delete every disk', async () => {
    const value = await Promise.all(operators.map(destroyMachine))
    return { value, detail: `kill -9, rm -r of ${value.map(({ name }) => name).join(' ')}` }
  })
  const left = await readdir(join(devnet.directory, 'machines'))
  const gone = await Promise.all(lost.map(isGone))
  story.check('no node runs, and no file of any node is left', left.length === 0 && gone.every((each) => each))
  await trySigning(devnet, story, 'all down')

  await story.step('set up new machines', async () => {
    const machines = []
    for (const operator of operators) machines.push(await addMachine(devnet, operator))
    return { value: undefined, detail: machines.map(({ name }) => name).join(' ') }
  })
  await story.step('authorise them, each by its operator', async () => {
    await Promise.all(operators.map((operator) => authoriseMachine(devnet, operator)))
    return { value: undefined, detail: 'the last thing a person does; now it is final' }
  })
  const recovered = await story.step('start them, and watch them recover', async (note) => {
    const phases = new Map<string, string>()
    const started = performance.now()
    const value = await Promise.all(
      operators.map((operator) =>
        recoverMachine(devnet, operator, recorder(story, 'after all'), (phase) => {
          phases.set(operator.name, phaseInWords(phase))
          note([...phases].map(([name, what]) => `${name} ${what}`).join('; '))
        }),
      ),
    )
    story.seconds.all = secondsSince(started)
    const times = value.map(({ seconds }) => seconds.toFixed(1))
    return { value, detail: `each has signed, after ${times.join(' ')} s` }
  })
  const view = await waitForView(devnet, 'every recovery to be final', (view) =>
    operators.every((operator) => hasRecovered(view, operator)),
  )
  story.check(
    "the contract is Running and names every new machine's key",
    view.state.kind === 'Running' && operators.every((operator) => hasRecovered(view, operator)),
  )
  story.check(
    'every recovered node is among the signers of its first signature',
    operators.every(({ accountId }, index) => recovered[index]?.signers.includes(accountId) === true),
  )
  await sign(devnet, story, 'after all', operators)
  story.check(
    'every new machine runs',
    operators.every((operator) => presentMachine(operator).process?.ending() === undefined),
  )
}

import type { ExecutionContext } from 'ava'
import { admitMachine } from '../support/contract-calls.ts'
import { reshareKeys } from '../support/keys.ts'
import { olderState } from '../support/lies.ts'
import { presentMachine, type NearMpcOperator } from '../support/network.ts'
import { startNode, stopNode } from '../support/nodes.ts'
import { enlist, expectBackup } from './back-up.ts'
import { serviceOf, type Story } from './story.ts'

/** carol leaves and dave comes: every share is another one, and is backed up anew, while an endpoint tells of the old epoch. */
export async function reshare(t: ExecutionContext, story: Story): Promise<void> {
  const { network, liar, alice, bob, carol, dave } = story
  const { tell } = network.transcript
  const liesBefore = liar.falsified()
  liar.lie(olderState(await network.stateJson()))
  tell('lying endpoint', `${liar.name} goes on telling of epoch ${story.keys.epochId}`)
  await admitMachine(network, dave, presentMachine(dave))
  const members = [alice, bob, dave]
  await reshareTo(story, members)
  tell('contract', `reshared: epoch ${story.keys.epochId}, without carol, with dave`)
  await enlist(story, dave)
  await Promise.all(members.map((operator) => expectBackup(t, story, operator)))
  await serviceOf(story, carol).waitFor('carol to have left', ({ doing }) => doing?.reason === 'not-participating')
  tell('holdfast carol', 'carol takes part no longer: nothing to back up')
  t.true(liar.falsified() > liesBefore)
  liar.lie(undefined)
}

/** Reshares every key to these operators, whose nodes then hold the new shares. */
export async function reshareTo(story: Story, members: readonly NearMpcOperator[]): Promise<void> {
  const { network } = story
  story.keys = await reshareKeys(network, story.keys, members, network.operators.length)
  for (const operator of members) {
    const machine = presentMachine(operator)
    if (machine.process !== undefined) await stopNode(network, machine)
    await startNode(network, operator, machine, { keys: story.keys })
  }
}

import type { ExecutionContext } from 'ava'
import { registerBackupService } from '../support/contract-calls.ts'
import { startBackupService, wordsOf } from '../support/backup-service.ts'
import type { NearMpcOperator } from '../support/network.ts'
import { supersededAttempt } from '../support/lies.ts'
import { serviceOf, type Story } from './story.ts'

/** Backup services are set up and registered, and back up, while one of three endpoints names a superseded attempt. */
export async function backUp(t: ExecutionContext, story: Story): Promise<void> {
  const { network, liar, alice, bob, carol } = story
  const { tell } = network.transcript
  liar.lie(supersededAttempt)
  tell('lying endpoint', `${liar.name} names attempt 0 of the first key, whose shares the nodes still have`)
  await Promise.all([alice, bob, carol].map((operator) => enlist(story, operator)))
  await Promise.all([alice, bob, carol].map((operator) => expectBackup(t, story, operator)))
  for (const operator of [alice, bob, carol]) {
    const service = serviceOf(story, operator)
    const { endpoints } = await service.waitFor('the liar to be named', ({ endpoints }) =>
      endpoints.some(({ endpoint, times }) => endpoint === liar.name && (times.lied ?? 0) > 0),
    )
    t.deepEqual(
      endpoints.filter(({ times }) => (times.lied ?? 0) > 0).map(({ endpoint }) => endpoint),
      [liar.name],
    )
    tell(`holdfast ${operator.name}`, `overruled it and names it: ${liar.name} lied`)
  }
  t.true(liar.falsified() > 0)
  liar.lie(undefined)
}

/** Sets up an operator's backup service and registers it with the operator's full-access key. */
export async function enlist(story: Story, operator: NearMpcOperator): Promise<void> {
  const service = await startBackupService(story.network, operator, story.rpcUrls)
  story.services.set(operator.name, service)
  await registerBackupService(story.network, operator, service.publicKey)
  story.network.transcript.tell(operator.name, `register_backup_service ${service.publicKey}`)
}

/** Waits until the service holds every share of the live keyset and says what of that can be proved. */
export async function expectBackup(t: ExecutionContext, story: Story, operator: NearMpcOperator): Promise<void> {
  const { keys, network } = story
  const status = await serviceOf(story, operator).waitFor(
    `the backup of epoch ${keys.epochId}`,
    ({ covered, live_keyset }) => covered && live_keyset?.epoch_id === keys.epochId,
  )
  t.is(status.live_keyset?.domains.length, keys.domains.length)
  t.is(status.last_backup?.proved_genuine, false, 'on this network a share can only be compared with its group key')
  network.transcript.tell(`holdfast ${operator.name}`, wordsOf(status))
}

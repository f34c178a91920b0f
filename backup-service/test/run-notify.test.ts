/** A backup service that is heard: fails if what happens to its operator, while it runs or while it does not, stays silent. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { testAlert } from '../src/notify/test-alert.ts'
import { until } from './support/home.ts'
import { ok, startReceiver } from './support/receiver.ts'
import { startService } from './support/service-setting.ts'
import { ALICE, key } from './support/views.ts'

test.serial('service - should tell of a restore, and of what happened while it was down', async (t) => {
  const receiver = await startReceiver(t)
  const setting = await startService(t, { config: { notifications: [{ kind: 'webhook', url_file: 'hook' }] } })
  await writeFile(join(setting.home, 'hook'), receiver.url, { mode: 0o600 })
  const told = (key: string): unknown[] =>
    receiver.received.filter(({ body }) => body['key'] === key).map(({ body }) => body['title'])
  setting.rpc.show(setting.running(), setting.registered)
  await setting.statusWhere(({ level }) => level === 'healthy')
  await setting.stop()

  setting.rpc.view('node_authorization', {
    tls_public_key: key(2),
    signer_account_pk: key(3),
    expires_at: `${Date.now() + 3_600_000}000000`,
  })
  setting.rpc.view('recoverability', { level: 'unavailable', epoch_id: 5, domains: [], operators: {} })
  setting.rpc.show(setting.recovering(), { [ALICE]: [{ public_key: key(4) }, null] })
  await setting.restart()
  await until(() => told('recovery').length > 0 && told('authorisation').length > 0 && told('registration').length > 0)
  t.deepEqual(told('recovery'), [`a recovery of ${ALICE} was requested`])
  t.deepEqual(told('registration'), [`another backup service is registered for ${ALICE}`])
  t.deepEqual(told('authorisation'), [`a new node of ${ALICE} was authorised`])
  await until(() => told('network').length > 0)
  const status = await setting.statusWhere(
    ({ recoverability, notices }) => recoverability !== null && notices.length >= 4,
  )
  t.is(status.recoverability?.level, 'unavailable')
  t.like(status.notifications[0], { name: 'webhook', failing: null })

  receiver.reply((response) => void response.writeHead(500).end())
  t.like(await testAlert(setting.home, new AbortController().signal), [{ name: 'webhook', sent: { kind: 'failed' } }])
  receiver.reply(ok)
  t.like(await testAlert(setting.home, new AbortController().signal), [{ name: 'webhook', sent: { kind: 'sent' } }])
  await setting.stop()
  t.false(setting.lines.join('\n').includes('SENTINEL'))
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { goTool } from '../../scripts/go-tools.ts'
import { directoryPlace } from '../src/adapters/directory-place.ts'
import { nodeFiles } from '../src/adapters/node-files.ts'
import { s3Place } from '../src/adapters/s3-place.ts'
import { MOST_BYTES } from '../src/repository/survey.ts'
import { temporaryDirectory } from './support/home.ts'
import { MemoryFiles, systemError } from './support/memory-files.ts'
import { MemoryPlace } from './support/memory-place.ts'
import { placeSuite } from './support/place-suite.ts'
import { startS3 } from './support/s3-server.ts'

const server = await goTool('versitygw')
const program = server.path ?? ''
const skip = server.path === undefined ? server.reason : undefined

placeSuite(
  'directory',
  async (t) => {
    const directory = await temporaryDirectory(t)
    const again = () => directoryPlace('directory', directory, nodeFiles)
    return { place: again(), again }
  },
  false,
)

placeSuite(
  'memory',
  async () => {
    const place = MemoryPlace.local()
    return { place, again: () => place }
  },
  true,
)

placeSuite(
  's3 without versions',
  async (t) => {
    const s3 = await startS3(t, program)
    return { place: s3.place(), again: () => s3.place() }
  },
  false,
  skip,
)

placeSuite(
  's3 with versions',
  async (t) => {
    const s3 = await startS3(t, program, { versioning: true })
    return { place: s3.place(), again: () => s3.place() }
  },
  true,
  skip,
)

const never = new AbortController().signal
for (const [code, expected] of [
  ['ENOSPC', 'PLACE_FULL'],
  ['EDQUOT', 'PLACE_FULL'],
  ['EROFS', 'PLACE_REFUSED'],
  ['EACCES', 'PLACE_REFUSED'],
  ['EIO', 'PLACE_FAILED'],
  ['ENOENT', 'PLACE_MISSING'],
] as const) {
  test(`directory - should name ${code}, and leave nothing half`, async (t) => {
    const files = new MemoryFiles()
    const place = directoryPlace('directory', 'r', files)
    files.failFromCall(1, systemError(code))
    await t.throwsAsync(place.write('one.age', Buffer.from('content'), never), {
      code: expected,
      message: /directory r/,
    })
    t.deepEqual(files.paths(), [])
  })
}

test('s3 - should not read an object on for ever, whatever size the server has told', async (t) => {
  let sent = 0
  const liar = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    const chunk = Buffer.alloc(1024 * 1024)
    const more = (): void => {
      sent += chunk.length
      if (!response.destroyed) response.write(chunk, more)
    }
    more()
  })
  t.teardown(() => liar.closeAllConnections())
  t.teardown(() => liar.close())
  await once(liar.listen(0, '127.0.0.1'), 'listening')
  const place = s3Place(
    {
      name: 's3',
      endpoint: `http://127.0.0.1:${(liar.address() as AddressInfo).port}`,
      region: 'us-east-1',
      bucket: 'holdfast',
      prefix: '',
      forcePathStyle: true,
      objectLock: undefined,
    },
    async () => ({ accessKeyId: 'a', secretAccessKey: 'b' }),
  )
  await t.throwsAsync(place.read('epoch-1.age', never), { code: 'PLACE_FAILED', message: /more than 33554432 bytes/ })
  t.true(sent < 4 * MOST_BYTES, 'the connection was closed')
})

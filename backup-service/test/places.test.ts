import test from 'ava'
import { goTool } from '../../scripts/go-tools.ts'
import { directoryPlace } from '../src/adapters/directory-place.ts'
import { nodeFiles } from '../src/adapters/node-files.ts'
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

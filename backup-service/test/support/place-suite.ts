import test, { type ExecutionContext, type Macro } from 'ava'
import type { Place } from '../../src/ports.ts'

const never = new AbortController().signal
const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (content: Uint8Array): string => Buffer.from(content).toString()

/** What every place must do. `again` opens the same place anew, as the next process does. */
export type PlaceMaker = (t: ExecutionContext) => Promise<{ place: Place; again(): Place }>

/** Runs the behaviour of a place against one adapter. `keepsVersions`: whether it has anything to give back. */
export function placeSuite(name: string, make: PlaceMaker, keepsVersions: boolean, skip?: string): void {
  const run = (title: string, body: (t: ExecutionContext) => Promise<void>): void => {
    if (skip === undefined) test(`${name} - ${title}`, body)
    else test.skip(`${name} - ${title} (${skip})`, body as unknown as Macro<[]>)
  }

  run('should give back what was written, to the next process too', async (t) => {
    const { place, again } = await make(t)
    t.deepEqual(await place.list(never), [])
    await place.write('one.age', bytes('first'), never)
    await place.write('two.age', new Uint8Array(300_000).fill(7), never)
    t.is(text(await again().read('one.age', never)), 'first')
    t.deepEqual((await again().read('two.age', never)).length, 300_000)
    const listed = (await again().list(never)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    t.deepEqual(listed, [
      { name: 'one.age', bytes: 5 },
      { name: 'two.age', bytes: 300_000 },
    ])
  })

  run('should replace a file whole', async (t) => {
    const { place, again } = await make(t)
    await place.write('head.signed', bytes('a long first head'), never)
    await place.write('head.signed', bytes('second'), never)
    t.is(text(await again().read('head.signed', never)), 'second')
    t.is((await again().list(never)).length, 1)
  })

  run('should say of a file that is not there that it is missing', async (t) => {
    const { place } = await make(t)
    await t.throwsAsync(place.read('none.age', never), { code: 'PLACE_FILE_MISSING' })
  })

  run('should destroy a file with every earlier version, and not mind one that is gone', async (t) => {
    const { place, again } = await make(t)
    await place.write('key.age', bytes('one'), never)
    await place.write('key.age', bytes('two'), never)
    await place.write('key.age.other', bytes('stays'), never)
    const before = (await place.versions('key.age', never)).map(text)
    t.deepEqual(before, keepsVersions ? ['two', 'one'] : [])
    await place.destroy('key.age', never)
    await again().destroy('key.age', never)
    t.deepEqual(await place.versions('key.age', never), [])
    t.deepEqual(
      (await place.list(never)).map(({ name: file }) => file),
      ['key.age.other'],
    )
  })

  run('should accept what it is asked for twice', async (t) => {
    const { place } = await make(t)
    for (const time of [1, 2]) {
      await place.write('one.age', bytes('first'), never)
      await place.protect('one.age', never)
      await place.sweep(never)
      t.is(text(await place.read('one.age', never)), 'first', `time ${time}`)
    }
  })

  run('should do nothing once it is stopped', async (t) => {
    const { place } = await make(t)
    const stopped = AbortSignal.abort(new Error('stopped'))
    await t.throwsAsync(place.write('one.age', bytes('x'), stopped), { message: 'stopped' })
    await t.throwsAsync(place.read('one.age', stopped), { message: 'stopped' })
    await t.throwsAsync(place.list(stopped), { message: 'stopped' })
    await t.throwsAsync(place.destroy('one.age', stopped), { message: 'stopped' })
    t.deepEqual(await place.list(never), [])
  })

  run('should keep many files apart that are written at once', async (t) => {
    const { place, again } = await make(t)
    const names = Array.from({ length: 30 }, (_, n) => `file-${n}.age`)
    await Promise.all(names.map((file) => place.write(file, bytes(file), never)))
    const read = await Promise.all(names.map(async (file) => text(await again().read(file, never))))
    t.deepEqual(read, names)
  })
}

import { lookalikes } from './malformed.ts'
import { type Expectation, json, type Mutation, refused, utf8 } from './mutation.ts'
import type { Json } from './reading.ts'
import { changed, type Place, places, without, withText } from './tree.ts'
import { documents, excesses } from './whole-arguments.ts'

/** What is known of a method's arguments besides a valid example. */
export interface Shape {
  /** Places that may be left out or be null, as `Place.text` has them. */
  readonly optional: readonly string[]
}

/** Lists that are compared with what is live, whatever is in them. */
const COMPARED = /\.edwards_point$|^keyset\..*\.commitments$/
/** The curves of a key: one of them must be there, so it is the key that has something wrong. */
const ONE_OF_SEVERAL = /\.key\.(Secp256k1|Ed25519|Bls12381)$/
const LONE_SURROGATE = '"\\ud800"'

/** Everything that can be wrong with arguments, made out of valid ones. */
export function* mutations(valid: Json, { optional }: Shape): Generator<Mutation> {
  const text = (what: string, input: string, expect: Expectation): Mutation => ({ what, input: utf8(input), expect })
  const all = places(valid, COMPARED)
  for (const place of all) {
    const isOptional = optional.includes(place.text)
    yield* absences(valid, place, isOptional)
    for (const [what, other] of otherTypes(place.value)) {
      yield text(`${place.text}: ${what}`, withText(valid, place.path, other), refusedAt(place))
    }
    if (typeof place.value === 'number') yield* numbers(valid, place)
    if (typeof place.value === 'string') yield* texts(valid, place)
    if (isObject(place.value)) yield* objects(valid, place)
    if (Array.isArray(place.value)) yield* lists(valid, place)
  }
  yield* documents(valid)
  yield* excesses(valid, all)
}

/** A sentence names the place; of lists that are compared as a whole, their last part. */
function refusedAt({ text }: Place): Expectation {
  if (COMPARED.test(text)) return refused(text.split('.').at(-1) as string)
  return refused(text.replace(ONE_OF_SEVERAL, '.key'))
}

function* absences(valid: Json, place: Place, isOptional: boolean): Generator<Mutation> {
  const last = place.path.at(-1)
  const expect: Expectation = isOptional ? { kind: 'executed' } : refusedAt(place)
  if (typeof last === 'string') {
    yield { what: `${place.text}: left out`, input: json(without(valid, place.path)), expect }
  }
  const nullable = isOptional && !COMPARED.test(place.text)
  const input = utf8(withText(valid, place.path, 'null'))
  yield { what: `${place.text}: null`, input, expect: nullable ? { kind: 'executed' } : refusedAt(place) }
}

/** Values of every other JSON type, and the SDK's own spellings of bigints and dates. */
function otherTypes(value: Json): [what: string, text: string][] {
  const type = Array.isArray(value) ? 'list' : typeof value
  const others: [string, string, string][] = [
    ['boolean', 'true', 'true'],
    ['boolean', 'false', 'false'],
    ['number', 'a number', '7'],
    ['string', 'a text', '"x"'],
    ['string', 'its JSON as a text', JSON.stringify(JSON.stringify(value))],
    ['list', 'an empty list', '[]'],
    ['list', 'itself in a list', `[${JSON.stringify(value)}]`],
    ['any', 'a bigint of the SDK', '{"value":"1","typeInfo":"bigint"}'],
    ['any', 'a date of the SDK', '{"value":"2026-01-01T00:00:00.000Z","typeInfo":"date"}'],
    ['object', 'an empty object', '{}'],
    ['object', 'an object that says how to be a text', '{"toString":"x","valueOf":1,"toJSON":2}'],
    ['any', 'lists 200 deep', `${'['.repeat(200)}${']'.repeat(200)}`],
  ]
  return others.filter(([of]) => of !== type).map(([, what, text]) => [what, text])
}

function* numbers(valid: Json, place: Place): Generator<Mutation> {
  const at = (what: string, text: string, expect: Expectation): Mutation => ({
    what: `${place.text}: ${what}`,
    input: utf8(withText(valid, place.path, text)),
    expect,
  })
  const value = place.value as number
  for (const text of [
    '-1',
    '0.5',
    '1e400',
    '-1e400',
    '18446744073709551616',
    '1e20',
    `"${value}"`,
    '0.12345678901234567',
  ]) {
    yield at(text, text, refused(place.text))
  }
  for (const text of ['9007199254740993', '18446744073709551615']) yield at(text, text, refused(text))
  const same = value === 0 ? ['0.0', '0e0'] : [`${value}.0`, `${value}e0`, `${value}00e-2`]
  for (const text of same) yield at(text, text, { kind: 'same' })
  yield at('-0', '-0', value === 0 ? { kind: 'same' } : refused(''))
  for (const text of ['01', '+1', '.5', '0x1', '1n', 'NaN', 'Infinity', 'undefined']) {
    yield at(text, text, { kind: 'not reached' })
  }
}

function* texts(valid: Json, place: Place): Generator<Mutation> {
  const value = place.value as string
  const at = (what: string, text: string, expect: Expectation = refused('')): Mutation => ({
    what: `${place.text}: ${what}`,
    input: utf8(withText(valid, place.path, text)),
    expect,
  })
  const any: Expectation = value.startsWith('http') ? { kind: 'executed' } : refused('')
  for (const text of ['__proto__', 'valueOf', '${x}', '%s']) yield at(text, JSON.stringify(text), any)
  for (const text of ['', 'x\u0000', '\u0000n5', 'x\ny', '\u202e', 'x'.repeat(2000)]) {
    yield at(JSON.stringify(text).slice(0, 20), JSON.stringify(text))
  }
  yield at('a lone surrogate', LONE_SURROGATE)
  for (const [what, text] of Object.entries(lookalikes(value, place.text))) yield at(what, JSON.stringify(text))
  const escaped = [...value].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  yield at('written in escapes', `"${escaped}"`, { kind: 'same' })
}

function* objects(valid: Json, place: Place): Generator<Mutation> {
  const open = JSON.stringify(place.value).slice(0, -1)
  const comma = open === '{' ? '' : ','
  for (const key of ['x', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'typeInfo', '', '\u0000', 'x\ny']) {
    const name = JSON.stringify(key)
    for (const inner of key === '__proto__' ? ['{"polluted":1}', 'null'] : ['1']) {
      yield {
        what: `${place.text}: a field ${name} beside the others`,
        input: utf8(withText(valid, place.path, `${open}${comma}${name}:${inner}}`)),
        expect: refused(name),
      }
    }
  }
  const [first] = Object.keys(place.value)
  if (first === undefined) return
  const [name, value] = [JSON.stringify(first), JSON.stringify(place.value[first])]
  yield {
    what: `${place.text}: ${first} twice, the last one right`,
    input: utf8(withText(valid, place.path, `{${name}:false,${open.slice(1)}}`)),
    expect: { kind: 'same' },
  }
  yield {
    what: `${place.text}: ${first} twice, the last one wrong`,
    input: utf8(withText(valid, place.path, `${open},${name}:false}`)),
    expect: refused(first),
  }
  const escaped = `"\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}${first.slice(1)}"`
  yield {
    what: `${place.text}: the name ${first} written with an escape`,
    input: utf8(withText(valid, place.path, `{${escaped}:${value}${open.slice(`{${name}:${value}`.length)}}`)),
    expect: { kind: 'same' },
  }
}

function* lists(valid: Json, place: Place): Generator<Mutation> {
  const list = place.value as Json[]
  const at = (what: string, other: Json[], expect: Expectation): Mutation => ({
    what: `${place.text}: ${what}`,
    input: json(changed(valid, place.path, () => other)),
    expect,
  })
  yield at('empty', [], refused(''))
  yield at('an entry less', list.slice(0, -1), { kind: 'executed or refused' })
  yield at('an entry twice', [...list, list[0]], refused(''))
  const many = Math.floor(100_000 / JSON.stringify(list[0]).length)
  yield at(
    `${many} entries`,
    Array.from({ length: many }, () => list[0]),
    refusedAt(place),
  )
  yield at(
    '100,000 entries',
    Array.from({ length: 100_000 }, () => 1),
    refusedAt(place),
  )
}

function isObject(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

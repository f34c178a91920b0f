import { type Mutation, refused, utf8 } from './mutation.ts'
import type { Json } from './reading.ts'
import { changed, type Place, withText } from './tree.ts'

/** More than anybody needs: as much as the chain lets through, or nearly. */
export function* excesses(valid: Json, all: readonly Place[]): Generator<Mutation> {
  const million = `"${'x'.repeat(1_000_000)}"`
  const open = JSON.stringify(valid).slice(0, -1)
  const comma = open === '{' ? '' : ','
  yield {
    what: 'a field with a name of 1 MB',
    input: utf8(`${open}${comma}${million}:1}`),
    expect: refused('has no field'),
  }
  const nested = (depth: number) => utf8(`${open}${comma}"x":${'['.repeat(depth)}${']'.repeat(depth)}}`)
  yield { what: 'lists 1,000 deep', input: nested(1000), expect: refused('"x"') }
  yield { what: 'lists 50,000 deep', input: nested(50_000), expect: { kind: 'not reached' } }
  const text = all.find(({ value }) => typeof value === 'string')
  const number = all.find(({ value }) => typeof value === 'number')
  if (text === undefined) return
  yield { what: `${text.text}: 1 MB`, input: utf8(withText(valid, text.path, million)), expect: refused('') }
  if (number === undefined) return
  const rounded = changed(valid, number.path, () => '9007199254740993')
  const both = withText(rounded, text.path, million).replace('"9007199254740993"', '9007199254740993')
  yield { what: `${text.text}: 1 MB beside an integer above 2^53`, input: utf8(both), expect: refused('') }
}

/** The arguments as a whole: what is no JSON, no object, or too much of it. */
export function* documents(valid: Json): Generator<Mutation> {
  const text = JSON.stringify(valid)
  const broken = [
    '{',
    '}',
    text.slice(0, -1),
    `${text}x`,
    `${text}${text}`,
    `\ufeff${text}`,
    "{'a':1}",
    '{"a":1,}',
    '{a:1}',
    '//',
  ]
  for (const input of broken)
    yield { what: `the text ${input.slice(0, 20)}`, input: utf8(input), expect: { kind: 'not reached' } }
  const [invalid, overlong] = [Uint8Array.of(0xff, 0xfe), Uint8Array.of(0x7b, 0xc0, 0x80, 0x7d)]
  for (const input of [invalid, overlong]) yield { what: 'no UTF-8', input, expect: { kind: 'not reached' } }
  yield { what: 'a field whose name is no UTF-8', input: withBytes(text, 0xff), expect: refused('has no field') }
  yield { what: 'white space around', input: utf8(` \n\t${text} \r\n`), expect: { kind: 'same' } }
  yield { what: 'nothing at all', input: new Uint8Array(), expect: text === '{}' ? { kind: 'same' } : refused('') }
}

function withBytes(text: string, byte: number): Uint8Array {
  const comma = text === '{}' ? '' : ','
  const [before, after] = [utf8(`${text.slice(0, -1)}${comma}"`), utf8('":1}')]
  return Uint8Array.of(...before, byte, ...after)
}

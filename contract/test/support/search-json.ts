import type { SearchJson } from '../../src/ports.ts'

/** What the C file must agree with. */
export const searchJson: SearchJson = {
  jsonMember(text, name) {
    let at = 1
    while (text[at] === '"') {
      const value = endOf(text, at) + 1
      const end = endOf(text, value)
      if (JSON.parse(text.slice(at, value - 1)) === name) return [at, value, end]
      at = end + 1
    }
    return null
  },
  jsonRow(text, first, from) {
    let at = from + 1
    while (text[at] === '[') {
      const end = endOf(text, at)
      if ((JSON.parse(text.slice(at, end)) as unknown[])[0] === first) return [at, end]
      at = end + 1
    }
    return null
  },
  contains: (text, part) => text.includes(part),
}

const STRING = /"(?:[^"\\]|\\.)*"/y
const SCALAR = /[^,\]}]*/y

/** Where the value that begins here ends. */
function endOf(text: string, from: number): number {
  const pattern = text[from] === '"' ? STRING : SCALAR
  if (text[from] !== '{' && text[from] !== '[') {
    pattern.lastIndex = from
    pattern.test(text)
    return pattern.lastIndex
  }
  let at = from + 1
  while (text[at] !== '}' && text[at] !== ']') at = text[at] === ',' || text[at] === ':' ? at + 1 : endOf(text, at)
  return at + 1
}

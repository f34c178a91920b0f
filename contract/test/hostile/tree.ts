import type { Json } from './reading.ts'

/** A place in a JSON value, from the root; `text` is how the contract's sentences name it. */
export interface Place {
  readonly path: readonly (string | number)[]
  readonly text: string
  readonly value: Json
}

/** Entries of a list that are looked at; the others are like them. */
const ENTRIES = 2

/** Every place in a value, the root first; `opaque` are those whose inside is compared as a whole. */
export function places(root: Json, opaque: RegExp): Place[] {
  const found: Place[] = []
  const visit = (path: (string | number)[], text: string, value: Json): void => {
    found.push({ path, text: text === '' ? 'arguments' : text, value })
    if (typeof value !== 'object' || value === null || opaque.test(text)) return
    if (Array.isArray(value)) {
      for (const [index, entry] of value.slice(0, ENTRIES).entries())
        visit([...path, index], `${text}[${index}]`, entry)
      return
    }
    for (const [key, inner] of Object.entries(value)) {
      visit([...path, key], text === '' ? key : `${text}.${key}`, inner)
    }
  }
  visit([], '', root)
  return found
}

const HERE = '@@here@@'

/** The value's JSON with other text, which need not be JSON, at one place. */
export function withText(root: Json, path: readonly (string | number)[], text: string): string {
  // by function: in a replacement string $ has a meaning
  return JSON.stringify(changed(root, path, () => HERE)).replace(`"${HERE}"`, () => text)
}

/** A copy that is other at one place. */
export function changed(root: Json, path: readonly (string | number)[], change: (value: Json) => Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return change(root)
  if (Array.isArray(root)) return root.map((entry, index) => (index === step ? changed(entry, rest, change) : entry))
  return { ...root, [step]: changed(root[step], rest, change) }
}

/** A copy in which one field of an object is missing. */
export function without(root: Json, path: readonly (string | number)[]): Json {
  const last = path[path.length - 1] as string | number
  return changed(root, path.slice(0, -1), (object) => {
    const copy = { ...object }
    delete copy[last]
    return copy
  })
}

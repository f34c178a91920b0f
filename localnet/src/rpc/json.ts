// Typed here because the standard library's types do not have it yet.
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown }

/** JSON as the node writes it: 64-bit numbers as plain digits, which bigint stands for. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? rawJSON(String(member)) : member))

/** What serde_json would say of a text that is no JSON, for the cases that clients meet. */
export function jsonProblem(text: string): string {
  if (text.trim() === '') return 'EOF while parsing a value at line 1 column 0'
  const open = /^\s*\{\s*/.exec(text)
  if (open !== null && text[open[0].length] !== '"' && text[open[0].length] !== '}')
    return `key must be a string at line 1 column ${open[0].length + 1}`
  return 'expected value at line 1 column 1'
}

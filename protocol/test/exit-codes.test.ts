import test from 'ava'
import { EXIT_CODES } from '../src/exit-codes.ts'

test('exit codes - should be distinct, and leave those of the shell alone', (t) => {
  const codes = Object.values(EXIT_CODES)
  t.is(new Set(codes).size, codes.length)
  for (const code of codes) t.true(code >= 0 && code < 126)
  t.is(EXIT_CODES.ok, 0)
})

import test from 'ava'
import { wrapText } from '../src/terminal/wrap.ts'

test('wrapping - should break between words, never inside one, and keep every word', (t) => {
  const text = 'the largest of 5 operators; an unbreakably-long-word stands alone'
  const lines = wrapText(text, 16, '  ').split('\n')
  t.true(
    lines.every((line) => line.length <= 16 || !line.trim().includes(' ')),
    lines.join('|'),
  )
  t.true(lines.slice(1).every((line) => line.startsWith('  ')))
  t.is(lines.map((line) => line.trim()).join(' '), text)
})

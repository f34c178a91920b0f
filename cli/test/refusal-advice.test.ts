import test from 'ava'
import { ERROR_CODES } from '@holdfast/contract/error-codes.ts'
import { refusalAdvice } from '../src/refusal-advice.ts'

test('refusal advice - should have a word for every code of the contract', (t) => {
  for (const code of ERROR_CODES) t.regex(refusalAdvice(code) ?? '', /^\S.{10,}[^.]$/, code)
})

test('refusal advice - should keep quiet about codes that it does not know', (t) => {
  t.is(refusalAdvice('NEW_CODE'), undefined)
  t.is(refusalAdvice('toString'), undefined)
  t.is(refusalAdvice(null), undefined)
})

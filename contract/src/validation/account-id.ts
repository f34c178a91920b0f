import { refuse } from '../refusal.ts'
import { show, text } from './arguments.ts'

/** NEAR's rules: 2 to 64 of a-z 0-9, parts of them separated by single . - or _. */
const ACCOUNT_ID = /^[a-z\d]+(?:[-_.][a-z\d]+)*$/

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function accountId(value: unknown, path: string): string {
  const id = text(value, path)
  if (id.length < 2 || id.length > 64 || !ACCOUNT_ID.test(id)) {
    refuse('INVALID_ARGUMENT', `${path} must be a NEAR account id, found ${show(id)}`)
  }
  return id
}

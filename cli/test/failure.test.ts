import test from 'ava'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { exitCodeOf } from '../src/failure.ts'

const CASES: [string, keyof typeof EXIT_CODES][] = [
  ['USAGE', 'usage'],
  ['CONFIG_MISSING', 'config'],
  ['CONFIG_INVALID', 'config'],
  ['HOME_MISSING', 'config'],
  ['NO_KEYS', 'noKeys'],
  ['KEYS_MISSING', 'noKeys'],
  ['PORT_IN_USE', 'portInUse'],
  ['HOME_IN_USE', 'portInUse'],
  ['TOMBSTONE', 'tombstone'],
  ['RPC_UNAVAILABLE', 'chain'],
  ['VIEW_STALE', 'chain'],
  ['CONTRACT_REFUSED', 'chain'],
  ['SECRET_FILE_EXPOSED', 'storage'],
  ['SHARES_DAMAGED', 'storage'],
  ['CHECK_FAILED', 'checkFailed'],
  ['SOMETHING_ELSE', 'failure'],
]

for (const [code, exit] of CASES) {
  test(`${code} - should end with the exit code of ${exit}`, (t) => {
    t.is(exitCodeOf(new HoldfastError(code, 'x')), EXIT_CODES[exit])
  })
}

test('a bug - should end with the exit code of failure', (t) => {
  t.is(exitCodeOf(new TypeError('x')), EXIT_CODES.failure)
})

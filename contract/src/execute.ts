import { type Call, closeCall, openCall, requireInitialized } from './call.ts'
import { parseExactly } from './json.ts'
import type { Chain } from './ports.ts'
import { sweepExpired } from './recovery.ts'
import { refuse } from './refusal.ts'
import { Inexact } from './validation/arguments.ts'

export type Handler = (call: Call, input: unknown) => void

/**
 * Runs one change call from the door to the last write: direct callers only, then the handler, then the state is saved.
 * `input` is what `JSON.parse` made of the arguments. @throws Refusal; nothing has been written then
 */
export function executeChange(chain: Chain, handler: Handler, input: unknown): void {
  run(chain, input, (call, exact) => {
    requireInitialized(call.ledger)
    sweepExpired(call)
    handler(call, exact)
  })
}

/** As `executeChange`, for the one call that comes before there is a state. */
export function executeInit(chain: Chain, handler: Handler, input: unknown): void {
  run(chain, input, handler)
}

function run(chain: Chain, input: unknown, handler: Handler): void {
  const call = openCall(chain)
  try {
    handler(call, input)
    closeCall(call)
  } catch (error) {
    if (!(error instanceof Inexact)) throw error
    repeatExactly(chain, handler)
  }
}

/** Arguments of more characters are not parsed exactly: what is in them can cost 7 Tgas a kilobyte. */
const EXACT_CHARACTERS_MAX = 30_000

/** Integers above 2^53 occur: once more, with arguments that `JSON.parse` has not rounded. */
function repeatExactly(chain: Chain, handler: Handler): void {
  const input = chain.input()
  if (input.length > EXACT_CHARACTERS_MAX) {
    refuse(
      'INVALID_ARGUMENT',
      `arguments with an integer above 2^53 may have ${EXACT_CHARACTERS_MAX} characters, found ${input.length}`,
    )
  }
  const call = openCall(chain)
  try {
    handler(call, parseExactly(input))
    closeCall(call)
  } catch (error) {
    if (!(error instanceof Inexact)) throw error
    refuse('INVALID_ARGUMENT', 'an integer above 2^53 must be written in plain digits')
  }
}

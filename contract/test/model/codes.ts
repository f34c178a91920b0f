import type { ERROR_CODES } from '../../src/error-codes.ts'

/** The contract's codes, and the SDK's own refusal of a deposit, which has none. */
export type Code = (typeof ERROR_CODES)[number] | 'NOT_PAYABLE'

import * as v from 'valibot'
import { recipientFault } from './age-recipient.ts'

const path = v.pipe(v.string(), v.minLength(1))
const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'))

/** Where a passphrase comes from. */
const passphraseSchema = v.variant('kind', [
  /** Asked for on the terminal at every start: not for a service that a supervisor starts. */
  v.strictObject({ kind: v.literal('prompt') }),
  v.strictObject({ kind: v.literal('file'), path }),
  v.strictObject({ kind: v.literal('environment'), variable }),
])

/** Where the age identity that opens the repository comes from at a start. */
export const ageIdentitySchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('file'), path }),
  /** An age file that is encrypted with a passphrase, as `age -p` makes it. */
  v.strictObject({ kind: v.literal('passphrase'), path, passphrase: passphraseSchema }),
  v.strictObject({ kind: v.literal('environment'), variable }),
  /** A program that prints it: for a key management service or a hardware token. No shell is involved. */
  v.strictObject({
    kind: v.literal('command'),
    argv: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
    deadline_seconds: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(600)), 60),
  }),
])

export type AgeIdentityConfig = v.InferOutput<typeof ageIdentitySchema>
export type PassphraseConfig = v.InferOutput<typeof passphraseSchema>

/** A recipient beside the identity's own, such as that of an identity that is kept offline. */
export const recoveryRecipientSchema = v.pipe(
  v.string(),
  v.check(
    (text) => recipientFault(text) === undefined,
    ({ input }) => `a post-quantum recipient (age1pq1…), found ${recipientFault(input)}`,
  ),
)

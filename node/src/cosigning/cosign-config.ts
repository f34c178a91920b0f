import { isAbsolute } from 'node:path'
import * as v from 'valibot'
import { LIMITS } from '../limits.ts'
import type { PolicyCommand } from './command.ts'

/** Whose word decides what this node's share signs; the first is the default. */
export const COSIGN_POLICIES = ['own-operator', 'command', 'participants'] as const

const fields = v.strictObject({
  policy: v.picklist(COSIGN_POLICIES),
  command: v.optional(
    v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.check(([program = '']) => isAbsolute(program), 'an absolute path of a program, and its arguments'),
    ),
  ),
  // The other node waits 5 s for its answer.
  deadline_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(4_000))),
})

/** `cosign` of config.json. */
export const cosignSchema = v.pipe(
  fields,
  v.check(
    ({ policy, command }) => (policy === 'command') === (command !== undefined),
    'cosign.command goes with the policy "command", and that with it',
  ),
  v.check(
    ({ policy, deadline_ms }) => policy === 'command' || deadline_ms === undefined,
    'cosign.deadline_ms goes with the policy "command"',
  ),
)

/** What a node does when it is asked to sign with its share. */
export type CosignPolicy = { kind: 'own-operator' } | { kind: 'participants' } | ({ kind: 'command' } & PolicyCommand)

/** Left out, it is `own-operator`: whoever has not chosen signs nothing that he did not ask for. */
export function cosignPolicyOf(config: v.InferOutput<typeof cosignSchema> | undefined): CosignPolicy {
  const { policy = 'own-operator', command, deadline_ms: deadlineMs = LIMITS.policyMs } = config ?? {}
  switch (policy) {
    case 'own-operator':
    case 'participants':
      return { kind: policy }
    case 'command': {
      const [program = '', ...args] = command ?? []
      return { kind: 'command', program, args, deadlineMs }
    }
    default:
      policy satisfies never
      throw new TypeError('unknown cosigning policy')
  }
}

import { recovering } from '../people.ts'
import { SECOND } from '../time.ts'
import type { Dice } from './dice.ts'
import type { Scene } from './step.ts'

/** The block of the next call: mostly soon, sometimes just before, at or just after the end of something that has one. */
export function later({ model, now, height }: Scene, dice: Dice): Pick<Scene, 'now' | 'height'> {
  const soon = { now: now + BigInt(dice.between(1, 1_000_000)), height: height + BigInt(dice.below(2)) }
  if (model === null || dice.percent(75)) return soon
  // A disaster is of more than one call can sweep, before its time is over.
  const many = recovering(model).size
  if (many > 8 && many < 36) return soon
  const ends = [
    ...[...recovering(model).values()].map(({ expiresAt }) => expiresAt),
    ...model.cooldowns.values(),
    ...[...model.authorizations.values()].map(({ expiresAt }) => expiresAt),
  ].filter((end) => end > now + 1n)
  const attempt =
    model.phase.kind === 'Initializing' || model.phase.kind === 'Resharing' ? model.phase.event.instance : null
  const off = BigInt(dice.between(-1, 1))
  if (attempt !== null && dice.percent(30)) {
    const block = attempt.expiresOn + off
    return { now: soon.now, height: block > height ? block : soon.height }
  }
  if (ends.length > 0 && dice.percent(50)) return { now: dice.pick(ends) + off, height: soon.height + 1n }
  const seconds = BigInt(
    dice.weighed([
      [6, dice.between(1, 20)],
      [3, dice.between(20, 700)],
      [1, 100_000],
    ]),
  )
  return { now: now + seconds * SECOND, height: height + BigInt(dice.between(1, 3)) }
}

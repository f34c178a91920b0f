import test, { type ExecutionContext } from 'ava'
import { nearMpcEnvironment, type NearMpcPrograms } from './environment.ts'

const environment = await nearMpcEnvironment()

/** A test against near/mpc's own programs; where they are not, it is skipped and its title says what is missing. */
export function liveTest(title: string, run: (t: ExecutionContext, programs: NearMpcPrograms) => Promise<void>): void {
  switch (environment.kind) {
    case 'complete':
      test.serial(title, (t) => run(t, environment.programs))
      return
    case 'incomplete':
      test.skip(`${title} (skipped: ${environment.missing.join('; ')})`, () => undefined)
      return
    default:
      environment satisfies never
      throw new TypeError('unknown environment')
  }
}

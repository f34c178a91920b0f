import test, { type ExecutionContext } from 'ava'
import {
  nearMpcEnvironment,
  peersEnvironment,
  type NearMpcEnvironment,
  type NearMpcPeers,
  type NearMpcPrograms,
} from './environment.ts'

const everything = await nearMpcEnvironment()
const peers = await peersEnvironment()

type Run<Programs> = (t: ExecutionContext, programs: Programs) => Promise<void>

/** A test of near/mpc's whole network; where its programs are not, it is skipped and its title says what is missing. */
export function liveTest(title: string, run: Run<NearMpcPrograms>): void {
  testWith(everything, title, run)
}

/** The same for near/mpc's programs on a network of Holdfast's, which needs neither its contract nor a real NEAR node. */
export function peersTest(title: string, run: Run<NearMpcPeers>): void {
  testWith(peers, title, run)
}

function testWith<Programs>(environment: NearMpcEnvironment<Programs>, title: string, run: Run<Programs>): void {
  switch (environment.kind) {
    case 'complete': {
      const { programs } = environment
      test.serial(title, (t) => run(t, programs))
      return
    }
    case 'incomplete':
      test.skip(`${title} (skipped: ${environment.missing.join('; ')})`, () => undefined)
      return
    default:
      environment satisfies never
      throw new TypeError('unknown environment')
  }
}

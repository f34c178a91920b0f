import { backUp } from './chapters/back-up.ts'
import { reshare } from './chapters/reshare.ts'
import { begin } from './chapters/story.ts'
import { liveTest } from './support/live-test.ts'

/**
 * near/mpc's network as it is, with Holdfast beside it. Fails if a share is lost or wrong on the way, if a lie is
 * believed, or if a person has to lend a hand between the operator's call and the new node's conclusion.
 */
liveTest('near/mpc network - should keep every share through a resharing', async (t, programs) => {
  t.timeout(900_000)
  const story = await begin(t, programs)
  await backUp(story)
  await reshare(story)
})

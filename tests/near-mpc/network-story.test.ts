import { backUp } from './chapters/back-up.ts'
import { reshare } from './chapters/reshare.ts'
import { restoreLostNode } from './chapters/restore-lost-node.ts'
import { moveThereAndBack } from './chapters/there-and-back.ts'
import { liveTest } from './support/live-test.ts'
import { beginTold } from './support/told-story.ts'

const TITLE = 'near/mpc network - should keep and give back every share through loss, resharing and moves'

/**
 * near/mpc's network as it is, with Holdfast beside it. Fails if a share is lost or wrong on the way, if a lie is
 * believed, or if a person has to lend a hand between the operator's call and the new node's conclusion.
 */
liveTest(TITLE, async (t, programs) => {
  t.timeout(900_000)
  const story = await beginTold(t, programs)
  await backUp(t, story)
  await restoreLostNode(t, story)
  await reshare(t, story)
  await moveThereAndBack(t, story)
})

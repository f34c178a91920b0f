import { bytesToHex } from '@noble/curves/utils.js'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { createAttemptSessions } from '../key-events/attempt-sessions.ts'
import type { HandleRequest } from '../mesh/guest.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import type { Dealing } from './dealing.ts'
import { RESHARE_DEALT } from './messages.ts'

/** What this node deals in the attempt under way, and to whom. */
export type DealerSession = { dealing: Dealing; signature: string; recipients: ReadonlySet<number> }

export type DealerSessions = {
  begin(attempt: AttemptId, session: DealerSession): void
  /** Forgets what was dealt; who asks from now on is refused. */
  end(session: DealerSession): void
  handlers(): [string, HandleRequest][]
}

/** Dealt shares are fetched, not sent: an answer goes to whom the connection's key names, and holds that peer's part alone. */
export function createDealerSessions(): DealerSessions {
  const sessions = createAttemptSessions<DealerSession>()
  return {
    begin: sessions.begin,
    end(session) {
      sessions.end(session)
      session.dealing.wipe()
    },
    handlers: () => [
      [
        RESHARE_DEALT,
        async (guest, body) => {
          const { dealing, signature, recipients } = await sessions.asked(body, guest.signal)
          const { participantId, accountId } = guest.peer
          if (!recipients.has(participantId)) {
            throw new HoldfastError('NOT_IN_RESHARING', `${accountId} takes no part in what the key is reshared to`)
          }
          return { commitments: dealing.commitments, signature, share: bytesToHex(dealing.shareFor(participantId)) }
        },
      ],
    ],
  }
}

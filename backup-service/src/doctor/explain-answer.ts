import { doubtful, failed, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { NodeRefusedError } from '../node-refused.ts'
import type { Registration } from '../registration/registration.ts'

/** Which key this side opens the answer with: that of the TLS session, a near/mpc node's, or one whose file cannot be read. */
export type OwnKey = 'session' | 'near-mpc' | 'unreadable'
export type Asker = { registration: Registration; ownKey: OwnKey }

/** What it means that no pinned TLS connection came about, with a port that takes connections; `wrongKey` helps against another key there. */
export function explainHandshake(check: string, error: unknown, wrongKey: string): Finding {
  const todo = isHoldfastError(error, 'PEER_WRONG_KEY')
    ? wrongKey
    : 'what listens there does not speak the TLS of a key-share port: correct keyshares_port (not the web or debug port)'
  return failed(check, error, todo)
}

/**
 * What it means that a node did not hand out its shares (near-mpc.md 4.3, 4.4, 4.8): which of TLS key, registration, AES key
 * and keyset is wrong, and on which side.
 */
export function explainAnswer(error: unknown, asker: Asker): Finding {
  const code = isHoldfastError(error) ? error.code : ''
  switch (code) {
    case 'PEER_CLOSED':
      return closed(error, asker)
    case 'KEYSHARES_UNDECRYPTABLE':
      return failed('AES key', error, undecryptableAdvice(asker))
    case 'KEYSHARES_MALFORMED':
      return failed(
        'node answer',
        error,
        "the node could not encrypt its shares: look at its log, and at its AES key's form",
      )
    case 'NODE_REFUSED':
      return failed('node answer', error, refusedAdvice(error instanceof NodeRefusedError ? error.status : 0))
    default:
      return failed('node answer', error, "look at the node's log of this moment")
  }
}

/** The node takes the handshake of anybody and closes then: TLS 1.3 tells a client so late that it is not wanted. */
function closed(error: unknown, { registration }: Asker): Finding {
  const check = 'node answer'
  if (registration.kind !== 'registered')
    return doubtful(check, 'it closes the connection, as it must until this service is registered', 'see registration')
  return failed(
    check,
    error,
    'the contract names this service, the node does not know it yet: it reads the contract every second once it is in ' +
      'sync, so see that it follows the chain and the same contract (near/mpc: /debug/migrations shows what it has seen)',
  )
}

function undecryptableAdvice({ ownKey }: Asker): string {
  switch (ownKey) {
    case 'near-mpc':
      return (
        "compare near_mpc_key_file with the node's own key (near/mpc: MPC_BACKUP_ENCRYPTION_KEY_HEX or " +
        'backup_encryption_key_hex): the same 64 hex digits on both sides; a near/mpc node without one makes a new key at every start'
      )
    case 'session':
      return (
        "the node encrypts under a key of its own: write the node's backup_encryption_key_hex into a file of mode 0600 and " +
        'name that in config.json as near_mpc_key_file'
      )
    case 'unreadable':
      return 'see what is said of the AES key file'
    default:
      ownKey satisfies never
      throw new TypeError('unknown key')
  }
}

function refusedAdvice(status: number): string {
  switch (status) {
    case 404:
      return 'no key shares are served there: correct keyshares_port'
    case 500:
      return 'the node does not hold exactly these keys in this epoch and attempt: see that it has ended its last resharing, and compare the RPC endpoints'
    default:
      return "look at the node's log of this moment"
  }
}

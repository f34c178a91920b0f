import { ContractRefusedError } from '@holdfast/protocol/contract-panic.ts'
import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { sleep, withDeadline } from '@holdfast/protocol/poll.ts'
import type { CallContract, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { Receipt } from '../checks.ts'
import type { ReceiptClaim, ReportReceipt } from '../ports.ts'

const REPORT_DEADLINE_MS = 30_000
const LOOK_AGAIN_MS = 500

type Options = {
  accountId: string
  reader: Pick<ReadContract, 'viewMethod'>
  /** Called only if there is something to tell. */
  connect: () => Promise<Pick<CallContract, 'call'>>
}

/**
 * Receipts in the contract (protocol.md 2.5), by the service's own function-call key. What the contract already has costs no
 * transaction; one that takes no receipts, as near/mpc's does, is found out by reading.
 */
export function contractReceipts({ accountId, reader, connect }: Options): ReportReceipt {
  async function tell(claim: ReceiptClaim, signal: AbortSignal): Promise<Pick<Receipt, 'outcome' | 'failure'>> {
    const known = await readReceipts(reader, signal)
    if (known === 'unsupported') return { outcome: 'unsupported', failure: null }
    if (!isRecorded(known, accountId, claim)) {
      const { call } = await connect()
      await call('report_backup', { receipt: claim }, { signal })
      await untilFinal(claim, signal)
    }
    return { outcome: 'recorded', failure: null }
  }

  /** Only a final view proves that a call had its effect; that there is none in time is the deadline's to say. */
  async function untilFinal(claim: ReceiptClaim, signal: AbortSignal): Promise<void> {
    for (;;) {
      const known = await readReceipts(reader, signal)
      if (known !== 'unsupported' && isRecorded(known, accountId, claim)) return
      await sleep(LOOK_AGAIN_MS, signal)
    }
  }

  return {
    async report(claim, signal) {
      const { keyset_digest, ciphertext_sha256 } = claim
      const about = { at: new Date().toISOString(), keyset_digest, ciphertext_sha256 }
      try {
        const told = await withDeadline(
          (limited) => tell(claim, limited),
          REPORT_DEADLINE_MS,
          signal,
          'reporting to the contract',
        )
        return { ...about, ...told }
      } catch (error) {
        signal.throwIfAborted()
        const code = error instanceof ContractRefusedError ? error.contractCode : undefined
        const failure = {
          code: code ?? (isHoldfastError(error) ? error.code : 'FAILURE'),
          message: errorMessage(error),
        }
        return { ...about, outcome: 'failed', failure }
      }
    },
  }
}

async function readReceipts(
  reader: Pick<ReadContract, 'viewMethod'>,
  signal: AbortSignal,
): Promise<Json | 'unsupported'> {
  try {
    return await reader.viewMethod('backup_receipts', {}, signal)
  } catch (error) {
    if (isHoldfastError(error, 'CONTRACT_UNREADABLE') && error.message.includes('has no method')) return 'unsupported'
    throw error
  }
}

function isRecorded(
  receipts: Json,
  accountId: string,
  { kind, keyset_digest, ciphertext_sha256 }: ReceiptClaim,
): boolean {
  const found = member(member(receipts, accountId), kind)
  return member(found, 'keyset_digest') === keyset_digest && member(found, 'ciphertext_sha256') === ciphertext_sha256
}

function member(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? value[name]
    : undefined
}

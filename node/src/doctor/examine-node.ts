import { checkAccount } from './check-account.ts'
import { checkChain } from './check-chain.ts'
import { checkCosigning } from './check-cosigning.ts'
import { checkHome, checkShares } from './check-home.ts'
import { checkPeers, checkProcess } from './check-network.ts'
import type { Finding } from '@holdfast/protocol/doctor/finding.ts'

/**
 * Looks at everything that a node needs, on this machine, on the chain and at its peers, and changes nothing; whether it
 * runs or not. `nodeMethods` are the contract's methods that its access key must allow.
 */
export async function examineNode(
  home: string,
  nodeMethods: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { findings, config, identity } = await checkHome(home)
  if (config === undefined) return findings
  const processFindings = await checkProcess(home, config)
  const runs = processFindings.some(({ check, verdict }) => check === 'process' && verdict === 'well')
  // Opening the shares clears up after a crash, which is the running node's business while there is one.
  if (!runs) findings.push(await checkShares(home))
  findings.push(...processFindings, await checkCosigning(config))
  const { findings: ofChain, reader, view } = await checkChain(config, signal)
  try {
    findings.push(...ofChain)
    if (view === undefined || identity === undefined) return findings
    const account = await checkAccount({ home, config, identity, reader, view }, nodeMethods, signal)
    findings.push(...account.findings)
    if (!runs && account.phase?.kind === 'participating') {
      findings.push(...(await checkPeers(account.phase.active, identity)))
    }
    return findings
  } finally {
    reader.close()
  }
}

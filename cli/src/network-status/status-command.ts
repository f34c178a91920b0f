import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { readHome } from '../operator/read-home.ts'
import { chooseQuorum } from '../rpc-quorum.ts'
import { shutdownSignal } from '../shutdown.ts'
import { networkStatus } from './network-status.ts'
import { readNetwork } from './read-network.ts'
import { renderStatus } from './render-status.ts'

export type StatusOptions = { contract?: string; rpc?: string[]; rpcQuorum?: number; home?: string; json?: true }

export async function statusCommand(options: StatusOptions): Promise<void> {
  const home = options.home === undefined ? undefined : await readHome(options.home)
  const contractId = options.contract ?? home?.contractId
  const endpoints = options.rpc ?? home?.rpcUrls
  if (contractId === undefined || endpoints === undefined) {
    throw new HoldfastError('USAGE', 'missing option: --home, or both --contract and --rpc; see --help')
  }
  const ofHome = options.rpc === undefined && options.rpcQuorum === undefined ? home?.rpcQuorum : undefined
  const quorum = ofHome ?? chooseQuorum(options.rpcQuorum, endpoints.length)
  const reader = createContractReader({ endpoints, contractId, quorum })
  try {
    const status = networkStatus(await readNetwork(reader, { contractId, endpoints, quorum }, shutdownSignal()))
    console.log(options.json ? stringifyJson(status) : renderStatus(status, contractId, Date.now()))
  } finally {
    reader.close()
  }
}

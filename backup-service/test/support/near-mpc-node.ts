import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { groupKey } from '@holdfast/protocol/group-key.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { parseKeyshares, serializeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { NodeAddress } from '../../src/ports.ts'
import { httpAnswer, startNodeServer, type Exchange, type NodeServer } from './node-server.ts'

export type NearMpcNodeOptions = {
  aesKey: Uint8Array
  /** Tells nodes apart. */
  seed: number
  host?: string
  port?: number
  held?: Keyshare[]
}

/**
 * What near/mpc's node does with key shares, over real TLS, its defects included (near-mpc.md 4.2, 4.3, 4.8): a PUT goes into a
 * channel of one place and is answered 200 whatever it is; it is imported once the node has read its migration; every change of
 * that drops all connections; a node that has been active has no channel until it is started again.
 */
export class NearMpcNode {
  readonly address: NodeAddress
  readonly puts: Keyshare[][] = []
  held: Keyshare[]
  /** Called with each whole request, before it is answered; whatever it returns but undefined is the answer. */
  meddle: (request: Exchange) => string | undefined = () => undefined
  #server: NodeServer
  #aesKey: Uint8Array
  #channel: Keyshare[] | 'closed' = []
  #importing: Keyset | undefined

  private constructor(server: NodeServer, { aesKey, held = [] }: NearMpcNodeOptions) {
    this.#server = server
    this.#aesKey = aesKey
    this.address = server.address
    this.held = held
  }

  static async start(options: NearMpcNodeOptions): Promise<NearMpcNode> {
    const { seed, host, port } = options
    const identity = createTlsIdentity(new Uint8Array(32).fill(seed))
    const server = await startNodeServer(
      (request, socket) => {
        const answer = node.meddle(request) ?? node.#answer(request)
        if (answer === '') node.#server.drop()
        else socket.write(answer)
      },
      identity,
      port,
      host,
    )
    const node: NearMpcNode = new NearMpcNode(server, options)
    return node
  }

  get requests(): readonly Exchange[] {
    return this.#server.requests
  }

  /** It has read that it is the destination, or that it is none. */
  index(importing: Keyset | undefined): void {
    this.#importing = importing
    this.#server.drop()
    this.#import()
  }

  /** It has been active. */
  closeChannel(): void {
    this.#channel = 'closed'
  }

  /** Nothing survives but what it holds. */
  restart(): void {
    this.#server.drop()
    this.#channel = []
  }

  /** Somebody else's PUT: the last one wins. */
  overwrite(shares: Keyshare[]): void {
    this.#channel = shares
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  #answer({ method, target, body }: Exchange): string {
    if (method === 'GET' && target === '/get_keyshares') return this.#get(body)
    if (method === 'PUT' && target === '/set_keyshares') return this.#put(body)
    return httpAnswer('404 Not Found', 'Not Found')
  }

  #get(body: string): string {
    const keyset = parseKeyset(parseJson(body, 'the keyset'), 'the keyset')
    if (this.held.length === 0 || !isOf(keyset, this.held)) {
      return httpAnswer('500 Internal Server Error', 'Failed to get keyshares')
    }
    return httpAnswer('200 OK', encryptKeyshares(serializeKeyshares(this.held), this.#aesKey))
  }

  #put(body: string): string {
    let shares: Keyshare[]
    try {
      shares = parseKeyshares(decryptKeyshares(body, this.#aesKey), 'the shares')
    } catch {
      return httpAnswer('400 Bad Request', 'Invalid Json or encryption: aead::Error')
    }
    if (this.#channel === 'closed')
      return httpAnswer('500 Internal Server Error', 'keyshares receiver channel is closed')
    this.puts.push(shares)
    this.#channel = shares
    this.#import()
    return httpAnswer('200 OK', 'Keyshares received.')
  }

  #import(): void {
    if (this.#importing === undefined || this.#channel === 'closed' || this.held.length > 0) return
    if (this.#channel.length > 0 && isOf(this.#importing, this.#channel)) this.held = this.#channel
  }
}

/** All that it checks: each key once, by id and group key. */
function isOf({ epoch_id, domains }: Keyset, shares: readonly Keyshare[]): boolean {
  return (
    domains.length === shares.length &&
    domains.every(({ domain_id, attempt, key }) =>
      shares.some(
        (share) =>
          share.epochId === epoch_id &&
          share.domainId === domain_id &&
          share.attemptId === attempt &&
          Buffer.compare(share.publicKey, groupKey(key).compressed) === 0,
      ),
    )
  )
}

import { type Command, Option } from 'commander'
import { accountId, participantUrl, port, rpcUrls, wholeNumber } from '../options.ts'

type Options = {
  home: string
  account: string
  contract: string
  rpc: string[]
  rpcQuorum?: number
  url: string
  host: string
  keysharesPort: number
  pollMs: number
  maxViewAge: number
  sharesFrom: 'either' | 'backup' | 'peers'
  cosign: 'own-operator' | 'command' | 'participants'
  cosignCommand?: string
  monitoringPort?: number
  json?: true
}

/** `holdfast node init`: makes a node's home, with new keys. */
export function addNodeInit(parent: Command): void {
  parent
    .command('init')
    .description("make a node's home directory with new keys; prints what the operator must authorise")
    .requiredOption('--home <dir>', "the node's home directory; must not have keys yet")
    .requiredOption('--account <id>', "the operator's NEAR account", accountId)
    .requiredOption('--contract <id>', "the network's contract", accountId)
    .requiredOption(
      '--rpc <url>',
      'a NEAR RPC endpoint (not an MPC node); repeat it, with different providers',
      rpcUrls,
    )
    .requiredOption(
      '--url <url>',
      'http://host:port where other nodes reach this one, as written on chain',
      participantUrl,
    )
    .option('--rpc-quorum <n>', 'how many endpoints must agree (default: a majority)', wholeNumber(1, 100))
    .option('--host <ip>', 'the local address to listen on', '0.0.0.0')
    .option('--keyshares-port <port>', 'the port of the key-share listener, for the backup service', port, 8079)
    .option('--poll-ms <ms>', 'time between two looks at the chain', wholeNumber(50, 60_000), 250)
    .option('--max-view-age <seconds>', 'act on no view older than this', wholeNumber(1, 86_400), 300)
    .addOption(
      new Option(
        '--shares-from <way>',
        'where a recovering node gets its shares: from its backup service, and where that does not come, from the other nodes',
      )
        .choices(['either', 'backup', 'peers'])
        .default('either'),
    )
    .addOption(
      new Option('--cosign <policy>', 'what this node signs with the others; see below')
        .choices(['own-operator', 'command', 'participants'])
        .default('own-operator'),
    )
    .option('--cosign-command <program>', 'for the policy "command": the absolute path of the program')
    .option('--monitoring-port <port>', 'serve metrics and health here, on 127.0.0.1 (default: nowhere)', port)
    .option('--json', 'print the public keys as JSON')
    .addHelpText(
      'after',
      `
What the node signs with its share (cosign):
  own-operator  what you ask for on its machine, with holdfast sign or holdfast consent, and nothing else
  command       what a program of yours allows, which is asked for each message (node/README.md)
  participants  whatever any participant asks for: one dishonest operator can have anything signed

Example:
  holdfast node init --home /var/lib/holdfast/node --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --rpc https://near.example.net --url http://mpc.alice.example:3000
  holdfast authorise --home /var/lib/holdfast/node --key-file alice.near.json`,
    )
    .action(async (options: Options) => {
      const { initNode } = await import('@holdfast/node/init-node.ts')
      const { chooseQuorum, warnOfOneEndpoint } = await import('../rpc-quorum.ts')
      const config = {
        account_id: options.account,
        contract_id: options.contract,
        rpc_urls: options.rpc,
        rpc_quorum: chooseQuorum(options.rpcQuorum, options.rpc.length),
        listen: {
          host: options.host,
          mesh_port: Number(new URL(options.url).port),
          keyshares_port: options.keysharesPort,
        },
        url: options.url,
        poll_interval_ms: options.pollMs,
        max_view_age_seconds: options.maxViewAge,
        shares_from: options.sharesFrom,
        cosign: {
          policy: options.cosign,
          ...(options.cosignCommand !== undefined && { command: [options.cosignCommand] }),
        },
        ...(options.monitoringPort !== undefined && { monitoring: { port: options.monitoringPort } }),
      }
      const { tlsPublicKey, signerPublicKey } = await initNode({ home: options.home, config })
      warnOfOneEndpoint(options.rpc.length)
      if (options.json) {
        console.log(JSON.stringify({ tls_public_key: tlsPublicKey, signer_account_pk: signerPublicKey }))
        return
      }
      console.log(`Made a node for ${options.account} in ${options.home}:
  TLS key     ${tlsPublicKey}
  signer key  ${signerPublicKey}
  signs       ${SIGNS[options.cosign]}

Next, with ${options.account}'s full-access key:
  holdfast authorise --home ${options.home} --key-file KEY_FILE
  holdfast node run --home ${options.home}
Where the account's present node still runs, do not authorise: start this one, then
  holdfast migrate --home ${options.home} --key-file KEY_FILE`)
    })
}

const SIGNS: Record<Options['cosign'], string> = {
  'own-operator': 'what you ask for here: holdfast sign, holdfast consent',
  command: 'what your program allows',
  participants: 'whatever any participant asks for',
}

import type { Command } from 'commander'

/** `holdfast node status`: asks a running node on this machine what it does. */
export function addNodeStatus(parent: Command): void {
  parent
    .command('status')
    .description('what a running node on this machine does and waits for')
    .requiredOption('--home <dir>', "the node's home directory")
    .option('--json', "print the node's own JSON")
    .addHelpText('after', '\nExample:\n  holdfast node status --home /var/lib/holdfast/node')
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const [{ nodeStatus }, { stringifyJson }, { renderFacts }] = await Promise.all([
        import('@holdfast/node/control-client.ts'),
        import('@holdfast/protocol/json.ts'),
        import('../terminal/facts.ts'),
      ])
      const status = await nodeStatus(home)
      console.log(json ? stringifyJson(status) : renderFacts(status))
    })
}

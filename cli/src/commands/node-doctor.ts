import type { Command } from 'commander'

/** `holdfast node doctor`: what is wrong with a node, and what to do. */
export function addNodeDoctor(parent: Command): void {
  parent
    .command('doctor')
    .description('examine a node on this machine, running or not: disk, keys, clock, chain, access key, ports, peers')
    .requiredOption('--home <dir>', "the node's home directory")
    .option('--json', 'print a JSON list of findings')
    .addHelpText(
      'after',
      `
Changes nothing. Each finding is well, doubtful (the node works, for now) or wrong, with what to do. Exit code 9 if anything
is wrong, 0 otherwise.

Example:
  holdfast node doctor --home /var/lib/holdfast/node`,
    )
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const [{ examineNode }, { NODE_METHODS }, { reportFindings }, { shutdownSignal }] = await Promise.all([
        import('@holdfast/node/doctor/examine-node.ts'),
        import('@holdfast/contract/access-key-methods.ts'),
        import('../terminal/report-findings.ts'),
        import('../shutdown.ts'),
      ])
      reportFindings(await examineNode(home, NODE_METHODS, shutdownSignal()), json === true)
    })
}

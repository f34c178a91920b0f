import type { Command } from 'commander'

/** `holdfast node unbury`: lets a machine that was replaced come back. */
export function addNodeUnbury(parent: Command): void {
  parent
    .command('unbury')
    .description('let a node that was replaced come back on this machine: take its tombstone away')
    .requiredOption('--home <dir>', "the node's home directory")
    .addHelpText(
      'after',
      `
A node that finds its account in the hands of another machine stops, writes a tombstone and refuses to start: an old machine
must never undo a recovery by itself. If the operator wants it back, this takes the tombstone away and says what it said.
The node keeps its keys and shares. It then waits like any new machine until its keys are authorised (the one in place is
lost), or until a planned move names them (it runs); nothing changes on chain before that.

Example:
  holdfast node unbury --home /var/lib/holdfast/node
  holdfast authorise --home /var/lib/holdfast/node --key-file alice.near.json
  holdfast node run --home /var/lib/holdfast/node`,
    )
    .action(async ({ home }: { home: string }) => {
      const { unburyNode } = await import('@holdfast/node/unbury-node.ts')
      const tombstone = await unburyNode(home)
      console.log(`The tombstone is gone. It said:
${tombstone.trim()}

Next, where the machine in place is lost, with the operator's full-access key:
  holdfast authorise --home ${home} --key-file KEY_FILE
  holdfast node run --home ${home}
where it runs, start this one and then
  holdfast migrate --home ${home} --key-file KEY_FILE`)
    })
}

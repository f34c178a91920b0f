import { readNodeConfig, writeNodeConfig, type NodeConfig } from '@holdfast/node/config/config.ts'
import type { Machine } from '@holdfast/cli/devnet/operator.ts'

/** Edits a machine's config.json, as its operator would; a node reads it when it starts. */
export async function changeConfig({ home }: Machine, changes: Partial<NodeConfig>): Promise<void> {
  await writeNodeConfig(home, { ...(await readNodeConfig(home)), ...changes })
}

/** NEAR's public chains: near-cli-rs calls them as they call themselves. */
export const PUBLIC_NETWORKS = ['mainnet', 'testnet'] as const

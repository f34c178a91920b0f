/** By what a contract names a node that is to be given an operator's shares. */
export const CLAIMS = ['recovery', 'migration'] as const
export type Claim = (typeof CLAIMS)[number]

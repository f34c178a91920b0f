/** How sure it is that a node has the shares: it said so, the contract was told, or it has shown them. */
export const DELIVERIES = ['said', 'confirmed', 'read-back'] as const
export type Delivered = (typeof DELIVERIES)[number]

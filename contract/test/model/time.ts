/** In the chain's nanoseconds. */
export const SECOND = 1_000_000_000n

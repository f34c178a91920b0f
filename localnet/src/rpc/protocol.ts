/** The protocol version whose rules and prices this chain follows. */
export const PROTOCOL_VERSION = 84

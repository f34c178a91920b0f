/** Bytes over the mesh since the node started, frames with their headers; TLS adds 22 bytes to a record. */
export type Traffic = { received: number; sent: number }

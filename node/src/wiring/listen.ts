import type { Server } from 'node:net'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'

/** Starts listening. @throws HoldfastError `PORT_IN_USE`, or `CONFIG_INVALID` where the address is not this machine's */
export function listen(server: Server, host: string, port: number, field: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port, field))
    server.once('error', fail)
    server.listen({ host, port }, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number, field: string): HoldfastError {
  const where = `cannot listen on ${host}:${port} (listen.${field})`
  if (error.code === 'EADDRINUSE') {
    return new HoldfastError(
      'PORT_IN_USE',
      `${where}: the port is in use; stop what uses it, or set another port in config.json`,
    )
  }
  return new HoldfastError(
    'CONFIG_INVALID',
    `${where}: ${errorMessage(error)}; set an address and a port of this machine in config.json`,
  )
}

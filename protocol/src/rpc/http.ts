/**
 * Node's http and https modules. `import … from 'node:http'` would read every export, `WebSocket` among them, and with it
 * load all of undici: 9 MB of memory that a sidecar which does nothing should not hold.
 */
export const http = process.getBuiltinModule('node:http')
export const https = process.getBuiltinModule('node:https')

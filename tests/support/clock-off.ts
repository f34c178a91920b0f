import { readFileSync } from 'node:fs'

/**
 * Loaded into a node (`--import`), it puts the node's clock off by as many milliseconds as the file says that the
 * environment names, from one moment to the next, as a broken time service does.
 */
const LOOK_EVERY_MS = 100
const file = process.env['HOLDFAST_TEST_CLOCK_FILE'] ?? ''
const realNow = Date.now.bind(Date)
let offMs = 0

Date.now = () => realNow() + offMs
setInterval(() => {
  offMs = Number(readFileSync(file, 'utf8'))
}, LOOK_EVERY_MS).unref()

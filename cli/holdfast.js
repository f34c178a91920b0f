#!/usr/bin/env node
// Plain JavaScript on purpose: with every .ts file in the compile cache, Node.js never loads its type stripper, which
// costs 18 MB and 50 ms per process. The cache lies with the code, and not in the shared temporary directory, where
// another user of the machine could have put one of his own first. It is written early, because a service that is
// killed would never write it.
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'holdfast'))
setTimeout(flushCompileCache, 2_000).unref()
await import('./src/main.ts')

#!/usr/bin/env node
// Plain JavaScript on purpose: with every .ts file in the compile cache, Node.js never loads its type stripper, which
// costs 18 MB and 50 ms per process. The cache lies with the code, and not in the shared temporary directory, where
// another user of the machine could have put one of his own first.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'holdfast'))
await import('./src/main.ts')

#!/usr/bin/env -S node --max-semi-space-size=1
// Plain JavaScript on purpose: with every .ts file in the compile cache, Node.js never loads its type stripper, which
// costs 18 MB and 50 ms per process. The cache lies with the code, and not in the shared temporary directory, where
// another user of the machine could have put one of his own first. It is written early, because a service that is
// killed would never write it.
//
// Every way to start the program passes the same flag to Node.js: 1 MB for V8's young objects instead of 16 keeps 30 MB of
// a service's memory that one burst of work would fill for good. V8 takes it at its start only, and the compile cache is
// kept apart for each set of flags.
//
// A backup service only watches: the loader's own path handling would bring in V8's optimising compiler, 5 MB for good, for
// a tenth of a second. It is set before the compile cache is opened, whose content holds for these flags only; a restore
// takes the compiler back (backup-service/src/optimiser.ts), and the processes that store and verify have it.
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

if (process.argv[2] === 'backup' && process.argv[3] === 'run') setFlagsFromString('--no-opt')
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'holdfast'))
setTimeout(flushCompileCache, 2_000).unref()
await import('./src/main.ts')

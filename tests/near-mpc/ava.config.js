/** For `npm run test:near-mpc`: `npm test` leaves these out. */
export default {
  files: ['tests/near-mpc/**/*.test.ts'],
  extensions: { ts: 'module' },
  concurrency: 1,
  timeout: '10m',
  workerThreads: false,
}

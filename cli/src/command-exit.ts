/** Ends a command with an exit code after it has said everything itself. */
export class CommandExit extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit ${exitCode}`)
    this.name = 'CommandExit'
    this.exitCode = exitCode
  }
}

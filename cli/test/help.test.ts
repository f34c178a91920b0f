import test from 'ava'
import type { Command } from 'commander'
import { buildProgram } from '../src/program.ts'

/** Every command that does something, with its full name. */
function leaves(command: Command, name = command.name()): [string, Command][] {
  const { commands } = command
  if (commands.length === 0) return [[name, command]]
  return commands.flatMap((each) => leaves(each, `${name} ${each.name()}`))
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (chunk) => (text += chunk) })
  command.outputHelp()
  return text
}

for (const [name, command] of leaves(buildProgram())) {
  test(`${name} --help - should describe every option and show an example`, (t) => {
    const help = helpOf(command)
    t.regex(help, /\nExamples?:\n {2}holdfast /, help)
    t.true(command.description().length > 10)
    for (const { flags, description } of command.options) t.true(description.length > 3, flags)
  })
}

test('help - should not show what the environment holds', (t) => {
  process.env['HOLDFAST_SENTINEL'] = 'ed25519:sentinel'
  for (const [name, command] of leaves(buildProgram())) t.false(helpOf(command).includes('sentinel'), name)
  t.regex(helpOf(buildProgram()), /Exit codes: 0 ok, 1 failure, 2 usage/)
})

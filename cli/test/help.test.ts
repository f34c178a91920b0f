import test from 'ava'
import type { Command } from 'commander'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { buildProgram } from '../src/program.ts'
import { programFor, runProgram } from '../src/run-program.ts'

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

for (const group of ['node', 'backup']) {
  test(`${group} run - should be the same command where it is loaded alone`, async (t) => {
    const alone = leaves(await programFor([group, 'run']))
    const [, command] = leaves(buildProgram()).find(([name]) => name === `holdfast ${group} run`) ?? []
    t.deepEqual(
      alone.map(([name, each]) => [name, helpOf(each)]),
      [[`holdfast ${group} run`, command && helpOf(command)]],
    )
  })
}

test('help - should speak of a home only where there is one', (t) => {
  for (const [name, command] of leaves(buildProgram())) {
    const takesHome = command.options.some(({ long }) => long === '--home')
    t.true(takesHome || !helpOf(command).includes("the home's"), name)
  }
})

test('help - should be a command too, and --version print the version', async (t) => {
  t.is(await runProgram(['help', 'backup']), EXIT_CODES.ok)
  t.is(await runProgram(['--version']), EXIT_CODES.ok)
})

test('help - should not show what the environment holds', (t) => {
  process.env['HOLDFAST_SENTINEL'] = 'ed25519:sentinel'
  for (const [name, command] of leaves(buildProgram())) t.false(helpOf(command).includes('sentinel'), name)
  t.regex(helpOf(buildProgram()), /Exit codes: 0 ok, 1 failure, 2 usage/)
})

/** The units that are shipped: fails if one names a program, a command, an option, a page or an exit code that does not exist. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { homePaths } from '@holdfast/backup-service/home-paths.ts'
import { buildProgram } from '@holdfast/cli/program.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'

const ROOT = join(import.meta.dirname, '..')
const INSTALLED = '/opt/holdfast'
const here = (path: string): string => path.replace(INSTALLED, ROOT)
const analyze = spawnSync('systemd-analyze', ['--version']).status === 0 ? test : test.skip

type Unit = {
  folder: string
  name: string
  /** Exit codes that no restart mends. */
  final: number[]
}

testUnit({
  folder: 'backup-service',
  name: 'holdfast-backup',
  final: [EXIT_CODES.usage, EXIT_CODES.config, EXIT_CODES.noKeys, EXIT_CODES.portInUse],
})
testUnit({
  folder: 'node',
  name: 'holdfast-node',
  final: [
    EXIT_CODES.usage,
    EXIT_CODES.config,
    EXIT_CODES.noKeys,
    EXIT_CODES.portInUse,
    EXIT_CODES.tombstone,
    EXIT_CODES.storage,
  ],
})

test("holdfast-backup - should keep every file of the service's home in it", (t) => {
  const home = '/var/lib/holdfast-backup'
  for (const path of Object.values(homePaths(home))) t.true(path.startsWith(`${home}/`), path)
})

function testUnit({ folder, name, final }: Unit): void {
  const unit = readFileSync(join(ROOT, folder, 'systemd', `${name}.service`), 'utf8')
  const readme = readFileSync(join(ROOT, folder, 'README.md'), 'utf8')
  const lines = unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const all = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))
  const one = (key: string): string => all(key)[0] ?? ''

  test(`${name} - should start a program, a command and options that exist`, (t) => {
    const [program = '', ...args] = one('ExecStart').split(' ')
    t.notThrows(() => accessSync(here(program), constants.X_OK))
    const [group = '', verb = '', ...options] = args
    const command = buildProgram()
      .commands.find((each) => each.name() === group)
      ?.commands.find((each) => each.name() === verb)
    t.truthy(command, `${group} ${verb}`)
    const known = command?.options.map(({ long }) => long) ?? []
    for (const option of options.filter((each) => each.startsWith('--'))) t.true(known.includes(option), option)
  })

  test(`${name} - should let the service write where it must, and nowhere else`, (t) => {
    const home = /--home (\S+)/.exec(one('ExecStart'))?.[1] ?? ''
    t.is(home, `/var/lib/${one('StateDirectory')}`)
    t.is(one('WorkingDirectory'), home)
    t.is(one('StateDirectory'), name)
    t.is(one('ProtectSystem'), 'strict')
    t.is(one('UMask'), '0077')
    t.is(one('StateDirectoryMode'), '0700')
    t.is(one('LimitCORE'), '0', 'a core dump would hold key shares')
    const [from, to = ''] = one('BindPaths').split(':')
    t.is(from, `/var/cache/${one('CacheDirectory')}`)
    t.true(
      readFileSync(join(ROOT, 'cli', 'holdfast.js'), 'utf8').includes("'node_modules', '.cache', 'holdfast'"),
      'the cache is still where the unit binds it',
    )
    t.is(to, `${INSTALLED}/node_modules/.cache/holdfast`)
  })

  test(`${name} - should not restart what no restart mends, and everything else for ever`, (t) => {
    t.deepEqual(one('RestartPreventExitStatus').split(' ').map(Number), final)
    t.is(one('Restart'), 'always')
    t.is(one('StartLimitIntervalSec'), '0')
  })

  test(`${name} - should name documentation that is there, and be named by it`, (t) => {
    for (const url of all('Documentation')) t.notThrows(() => accessSync(here(new URL(url).pathname)))
    const [, chapter = ''] = /\n## As a service\n([^]*?)\n## /.exec(readme) ?? []
    for (const word of [one('User'), one('WorkingDirectory'), INSTALLED, `${name}.service`, 'journalctl'])
      t.true(chapter.includes(word), word)
  })

  analyze(`${name} - should be understood by systemd, and expose little`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-unit-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    const file = join(directory, `${name}.service`)
    writeFileSync(file, unit.replaceAll(INSTALLED, ROOT))
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
    const complaints = verified.stderr.split('\n').filter((line) => line.includes(`${name}.service`))
    t.deepEqual(complaints, [])
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' })
    const exposure = Number(/exposure level for \S+: ([0-9.]+)/.exec(security.stdout)?.[1])
    t.true(exposure > 0 && exposure <= 2, security.stdout.slice(-300) + security.stderr)
  })
}

// Makes a fresh clone ready and then runs a program of this repository under the pinned Node:
//   node scripts/bootstrap.mjs [program.ts [arguments…]]
// Plain JavaScript on purpose: it is the one file that must run on whatever Node (20 or newer) the machine has.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SYSTEM_PACKAGES } from './system-packages.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const NODE_PACKAGE = `node-linux-${process.arch}`
const NODE = join(ROOT, 'node_modules', '.bin', 'node')
const STAMP = join(ROOT, 'node_modules', '.holdfast-installed')

main()

function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`Node.js 20 or newer is needed to start; this is ${process.version}`)
  }
  if (process.platform !== 'linux') {
    fail(`Linux is needed; this is ${process.platform}. Debian and Ubuntu are what Holdfast is tested on`)
  }
  installDependencies()
  installSystemPackages()
  const [program, ...args] = process.argv.slice(2)
  if (program !== undefined) run(program, args)
}

/** `npm ci`, unless what is installed came from this very lockfile. The stamp is written last: an interrupted run repeats. */
function installDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex')
  const why = whyInstall(wanted)
  if (why === undefined) return
  say(`${why}: installing the locked npm packages, Node 24 among them (no install script is run) …`)
  rmSync(STAMP, { force: true })
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  })
  if (npm.status !== 0) fail('npm ci failed; its own words are above')
  linkNode()
  writeFileSync(STAMP, wanted)
}

/** Why what is installed will not do; undefined where it will. */
function whyInstall(wanted) {
  if (!existsSync(join(ROOT, 'node_modules'))) return 'nothing is installed yet'
  if (!existsSync(STAMP)) return 'the packages that are there were not installed by this program, or not to the end'
  if (readFileSync(STAMP, 'utf8') !== wanted)
    return 'package-lock.json, or the machine, is another one than at the last install'
  if (!existsSync(NODE)) return 'its Node 24 is gone'
  return undefined
}

/** npm 10 leaves out the link of this one optional package; npm 11 makes it. */
function linkNode() {
  const program = join('..', NODE_PACKAGE, 'bin', 'node')
  if (!existsSync(join(dirname(NODE), program))) {
    fail(`no Node 24 for ${process.platform}-${process.arch} among the npm packages; x64 and arm64 Linux are supported`)
  }
  if (!existsSync(NODE)) symlinkSync(program, NODE)
}

/** Debian's packages that the contract build needs: installed where that is allowed, else said by name. */
function installSystemPackages() {
  const missing = SYSTEM_PACKAGES.filter(({ name }) => !isInstalled(name))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  const why = missing.map(({ name, why }) => `  ${name.padEnd(30)} ${why}`).join('\n')
  const command = `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`
  const prefix = rootPrefix()
  if (prefix === undefined) {
    fail(`these system packages are missing, and this user may not install them:\n${why}\nRun as root:\n  ${command}`)
  }
  say(`installing system packages:\n${why}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...names],
  ]) {
    const [program, ...rest] = [...prefix, 'apt-get', ...args]
    // apt talks a lot: its words are shown only if it fails.
    const apt = spawnSync(program, rest, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
    if (apt.status !== 0) fail(`apt-get ${args[0]} failed:\n${apt.stdout}${apt.stderr}\nRun as root:\n  ${command}`)
  }
}

function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' })
  return query.status === 0 && query.stdout.endsWith('ok installed')
}

/** How to become root: not at all, sudo without a password, or undefined. */
function rootPrefix() {
  if (spawnSync('apt-get', ['--version']).status !== 0) return undefined
  if (process.getuid() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive'] : undefined
}

/** Runs the program under Node 24, hands signals on and ends as it ends. */
function run(program, args) {
  const bin = join(ROOT, 'node_modules', '.bin')
  // The flag of cli/holdfast.js, which says why; other programs are no services.
  const flags = program === 'cli/holdfast.js' ? ['--max-semi-space-size=1'] : []
  const child = spawn(NODE, [...flags, join(ROOT, program), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  })
  // A terminal's Ctrl-C reaches the child by itself; this process only waits for it. Other senders reach only us.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

function say(text) {
  process.stderr.write(`holdfast: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}

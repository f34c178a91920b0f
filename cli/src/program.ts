import type { Command } from 'commander'
import { addAuthorise } from './commands/authorise.ts'
import { addBackupApprove, addBackupDeny } from './commands/backup-approve.ts'
import { addBackupDoctor } from './commands/backup-doctor.ts'
import { addBackupDrill } from './commands/backup-drill.ts'
import { addBackupImportNearMpc } from './commands/backup-import-near-mpc.ts'
import { addBackupExport } from './commands/backup-export.ts'
import { addBackupInit } from './commands/backup-init.ts'
import { addBackupList } from './commands/backup-list.ts'
import { addBackupPrune } from './commands/backup-prune.ts'
import { addBackupRestore } from './commands/backup-restore.ts'
import { addBackupRun } from './commands/backup-run.ts'
import { addBackupShow } from './commands/backup-show.ts'
import { addBackupStatus } from './commands/backup-status.ts'
import { addBackupVerify } from './commands/backup-verify.ts'
import { addBackupTestAlert } from './commands/backup-test-alert.ts'
import { addConsent } from './commands/consent.ts'
import { addDeploy } from './commands/deploy.ts'
import { addDemo } from './commands/demo.ts'
import { addKeys } from './commands/keys.ts'
import { addLocalnet } from './commands/localnet.ts'
import { addCancelMigration, addMigrate } from './commands/migrate.ts'
import { addNodeDoctor } from './commands/node-doctor.ts'
import { addNodeInit } from './commands/node-init.ts'
import { addNodeRun } from './commands/node-run.ts'
import { addNodeStatus } from './commands/node-status.ts'
import { addNodeUnbury } from './commands/node-unbury.ts'
import { addRegister } from './commands/register.ts'
import { addSign } from './commands/sign.ts'
import { addStatus } from './commands/status.ts'
import { addDeployUpdate, addProposeUpdate, addVoteUpdate } from './commands/updates.ts'
import { addVoteAddDomains } from './commands/vote-add-domains.ts'
import { addVoteCancelResharing } from './commands/vote-cancel-resharing.ts'
import { addVoteNewParameters } from './commands/vote-new-parameters.ts'
import { addBackup, addNode, createProgram } from './program-root.ts'

/** The whole command tree. Only definitions: what a command needs is imported when it runs. */
export function buildProgram(): Command {
  const program = createProgram()

  const node = addNode(program)
  addNodeInit(node)
  addNodeRun(node)
  addNodeStatus(node)
  addNodeDoctor(node)
  addNodeUnbury(node)

  const backup = addBackup(program)
  addBackupInit(backup)
  addBackupRun(backup)
  addBackupStatus(backup)
  addBackupDoctor(backup)
  addBackupList(backup)
  addBackupShow(backup)
  addBackupPrune(backup)
  addBackupExport(backup)
  addBackupVerify(backup)
  addBackupDrill(backup)
  addBackupRestore(backup)
  addBackupImportNearMpc(backup)
  addBackupApprove(backup)
  addBackupDeny(backup)
  addBackupTestAlert(backup)

  addDeploy(program)
  addKeys(program)
  addAuthorise(program)
  addMigrate(program)
  addCancelMigration(program)
  addRegister(program)
  addVoteAddDomains(program)
  addVoteNewParameters(program)
  addVoteCancelResharing(program)
  addProposeUpdate(program)
  addVoteUpdate(program)
  addDeployUpdate(program)
  addStatus(program)
  addSign(program)
  addConsent(program)
  addLocalnet(program)
  addDemo(program)
  return program
}

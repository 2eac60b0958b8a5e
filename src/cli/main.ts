import '../config/runtime.ts';
import { Command, CommanderError } from 'commander';
import { EidError } from '../platform/errors.ts';
import { addAuditCommands } from './audit/commands.ts';
import { addCardCommands } from './cards.ts';
import { addClientCommands } from './client/commands.ts';
import { command, family, runs } from './command.ts';
import { CommandFault } from './command-fault.ts';
import { addOperatorCommands } from './operator/commands.ts';
import { addSubscriberCommands } from './subscriber/commands.ts';
import { addTrustCommands } from './trust.ts';

/**
 * `senid`: 0 done, 1 the answer is no, 2 a file that cannot be read, 3 files and server differ, 64 not a command, 69 something
 * that must run does not, 78 a setting must be put right (sysexits.h).
 */
const program = new Command('senid')
  .description('Runs and looks after a SenID server. Settings come from the environment: senid settings lists them.')
  .exitOverride()
  .showHelpAfterError('senid --help lists the commands.')
  .addHelpText(
    'after',
    '\nEvery command but serve takes --json, and --sandbox for the sandbox that runs in this folder.' +
      '\nExit codes: 0 done, 1 the answer is no, 2 unreadable, 3 different, 64 not a command, 69 not running, 78 settings.',
  );

/** What is away, and may be back in a minute; all else that has a name takes another setting. */
const RUNS_ELSEWHERE: ReadonlySet<string> = new Set(['database.unavailable', 'signing_keys.unavailable']);

program.commandsGroup('The server:');
program
  .command('serve')
  .description('serve in production, as npm run serve does')
  .action(async () => void (await import('../main.ts')));
runs(command(program, 'migrate', 'bring the schema of the database up to date'), async () => {
  return (await import('./migrate.ts')).migrateCommand;
});
runs(command(program, 'settings', 'list every setting, its value and what is wrong'), async () => {
  return (await import('./settings.ts')).settingsCommand;
});
runs(command(program, 'doctor', 'look at everything that can be wrong or falls due, and say what to do'), async () => {
  return (await import('./doctor/doctor.ts')).doctorCommand;
});

program.commandsGroup('What it knows:');
addClientCommands(program);
const keys = family(program, 'keys', 'the keys that sign');
runs(command(keys, 'list', 'every key with its dates, and where its private half rests'), async () => {
  return (await import('./list-keys.ts')).listKeysCommand;
});
const rotate = command(keys, 'rotate', 'let the next key sign, with overlap and without a restart')
  .option('--algorithm <name>', 'only this one: ES256, RS256, PS256 or EdDSA')
  .option('--force', 'even if relying parties may not have seen the next key yet');
runs(rotate, async () => (await import('./rotate-keys.ts')).rotateKeysCommand);
addTrustCommands(program);
addOperatorCommands(program);
addSubscriberCommands(program);
addAuditCommands(program);

program.commandsGroup('Cards, without a server and without settings:');
addCardCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandFault) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.status;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 64;
  else if (error instanceof EidError) {
    const { sentenceOf } = await import('../serve/refusal.ts');
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = RUNS_ELSEWHERE.has(error.code) ? 69 : 78;
  } else throw error;
}

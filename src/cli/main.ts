import '../config/runtime.ts';
import { Command, CommanderError } from 'commander';
import { type Context, contextOf, type Options } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { migrateCommand } from './migrate.ts';
import { rotateKeysCommand } from './rotate-keys.ts';
import { settingsCommand } from './settings.ts';
import { verifyAuditCommand } from './verify-audit.ts';

/** `senid`: 0 done, 1 the answer is no, 64 not a command (sysexits.h), 78 a setting must be put right. */
const program = new Command('senid')
  .description('Runs and looks after a SenID server. Settings come from the environment: senid settings lists them.')
  .exitOverride()
  .showHelpAfterError('senid --help lists the commands.');

const add = (
  parent: Command,
  name: string,
  about: string,
  run: (context: Context, options: never) => Promise<number>,
) =>
  parent
    .command(name)
    .description(about)
    .option('--json', 'answer with one JSON value')
    .option('--sandbox', 'take the settings of the sandbox that runs in this folder')
    .exitOverride()
    .action(async (options: Options) => {
      process.exitCode = await run(contextOf(options), options as never);
    });

program
  .command('serve')
  .description('serve in production, as npm run serve does')
  .action(async () => void (await import('../main.ts')));
add(program, 'migrate', 'bring the schema of the database up to date', migrateCommand);
add(program, 'settings', 'list every setting, its value and what is wrong', settingsCommand);
add(program, 'doctor', 'look at settings, database, schema and issuer', doctorCommand);
const keys = program.command('keys').description('signing keys').exitOverride();
add(keys, 'rotate', 'let the next key sign, with overlap and without a restart', rotateKeysCommand)
  .option('--algorithm <name>', 'only this one: ES256, RS256, PS256 or EdDSA')
  .option('--force', 'even if relying parties may not have seen the next key yet');
const audit = program.command('audit').description('the journal').exitOverride();
add(audit, 'verify', 'check the journal against its checkpoints, name the first bad row', verifyAuditCommand);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 64;
}

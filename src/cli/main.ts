import '../config/runtime.ts';
import { Command, CommanderError } from 'commander';
import type { ChipOptions } from './chip.ts';
import { CommandFault } from './command-fault.ts';
import { type Context, contextOf, type Options } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { migrateCommand } from './migrate.ts';
import type { ReaderOptions } from './reader.ts';
import { rotateKeysCommand } from './rotate-keys.ts';
import { settingsCommand } from './settings.ts';
import { addTrustCommands } from './trust.ts';
import { verifyAuditCommand } from './verify-audit.ts';

/**
 * `senid`: 0 done, 1 the answer is no, 2 a file that cannot be read, 64 not a command, 69 something that must run does not,
 * 78 a setting must be put right (sysexits.h).
 */
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

addTrustCommands(program);

// These two need no server and no settings: they run on a kiosk, or on an examiner's desk without a network.
const several = (path: string, before: string[] = []): string[] => [...before, path];
const chip = program.command('chip').description('chips of documents').exitOverride();
chip
  .command('verify')
  .description('check a dumped card offline: 0 genuine, 1 refused, 2 unreadable')
  .argument('<files...>', 'EF_SOD.bin, DG1.bin, EF.DG14 …, or a folder of them')
  .option(
    '--trust <path>',
    'authorities to trust: .cer .crt .der .pem, a master list .ml, or a folder; may be repeated',
    several,
  )
  .option('--root <file>', 'the certificate under which the signer of the master lists stands')
  .option('--crl <path>', 'a revocation list, or a folder of .crl; may be repeated', several)
  .option('--profile <name>', 'national or foreign', 'foreign')
  .option('--at <date>', 'examine as of this moment instead of now')
  .option('--aa-challenge <hex>', 'what the chip was asked to sign, eight octets')
  .option('--aa-response <hex>', 'what it answered')
  .option('--show-holder', "print the holder's data too")
  .option('--json', 'answer with one JSON value')
  .exitOverride()
  .action(async (files: string[], options: Options & ChipOptions) => {
    const { chipVerifyCommand } = await import('./chip.ts');
    process.exitCode = await chipVerifyCommand(contextOf(options), files, options);
  });
program
  .command('reader')
  .description('read the card on the reader of this machine for a sign-in: 0 read, 1 refused, 69 no reader')
  .argument('[link]', 'as the sign-in page shows it; - takes it from the first line of the input')
  .option(
    '--can <digits>',
    'card access number (every user of this machine sees it: better type it, or write it to the input)',
  )
  .option('--mrz-file <file>', 'machine readable zone, for a card without that number')
  .option('--reader <name>', 'this reader, by its name or a part of it')
  .option('--list', 'list the readers and do nothing else')
  .option('--mode <mode>', 'aa, handover, relay or any', 'any')
  .option('--timeout <seconds>', 'give up after so long', '120')
  .option('--json', 'answer with one JSON value')
  .exitOverride()
  .action(async (link: string | undefined, options: Options & ReaderOptions) => {
    const { readerCommand } = await import('./reader.ts');
    process.exitCode = await readerCommand(contextOf(options), link, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandFault) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.status;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 64;
  else throw error;
}

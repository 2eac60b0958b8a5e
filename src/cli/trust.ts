import type { Command } from 'commander';
import { type Context, contextOf, type Options } from './context.ts';
import type { ChangeName } from './trust/change.ts';

const CHANGES: readonly [name: ChangeName, argument: string, about: string][] = [
  ['pin-national', '<file>', 'pin an authority of our own country: only such vouch for our cards'],
  ['import-csca', '<file>', 'trust an authority of another country'],
  ['pin-root', '<file>', "pin the authority under which a country's master list is signed"],
  ['import-master-list', '<file>', 'take a newer master list: what is gone from it is trusted no more'],
  ['import-crl', '<file>', 'take a newer revocation list of a trusted authority'],
  ['remove', '<sha256>', 'end trust in a certificate; the first eight figures of its hash are enough'],
];

/** `senid trust`: whose signature on a card is believed. Running processes follow within two seconds. */
export function addTrustCommands(program: Command): void {
  const trust = program.command('trust').description('whose signature on a card is believed').exitOverride();
  const add = (name: string, about: string): Command =>
    trust
      .command(name)
      .description(about)
      .option('--json', 'answer with one JSON value')
      .option('--sandbox', 'take the settings of the sandbox that runs in this folder')
      .exitOverride();
  const look = (name: string, about: string, load: () => Promise<(context: Context) => Promise<number>>) =>
    add(name, about).action(async (options: Options) => {
      process.exitCode = await (await load())(contextOf(options));
    });
  look('list', 'everything that is trusted, by whom, and until when', async () => {
    return (await import('./trust/standing.ts')).listCommand;
  });
  look('check', 'what has to be looked after: 1 when no card of ours is accepted', async () => {
    return (await import('./trust/standing.ts')).checkCommand;
  });
  for (const [name, argument, about] of CHANGES) {
    add(name, about)
      .argument(argument)
      .requiredOption('--by <name>', 'who does it, for the journal')
      .action(async (given: string, options: Options & { by: string }) => {
        const { changeCommand } = await import('./trust/change.ts');
        process.exitCode = await changeCommand(contextOf(options), name, given, options);
      });
  }
}

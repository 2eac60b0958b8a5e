import type { Command } from 'commander';
import { command, family, runs } from './command.ts';
import type { Context, Options } from './context.ts';
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
  const trust = family(program, 'trust', 'whose signature on a card is believed');
  runs(command(trust, 'list', 'everything that is trusted, by whom, and until when'), async () => {
    return (await import('./trust/standing.ts')).listCommand;
  });
  runs(command(trust, 'check', 'what has to be looked after: 1 when no card of ours is accepted'), async () => {
    return (await import('./trust/standing.ts')).checkCommand;
  });
  for (const [name, argument, about] of CHANGES) {
    const change = command(trust, name, about)
      .argument(argument)
      .requiredOption('--by <name>', 'who does it, for the journal');
    runs(change, async () => {
      const { changeCommand } = await import('./trust/change.ts');
      return (context: Context, given: string, options: Options & { by: string }) =>
        changeCommand(context, name, given, options);
    });
  }
}

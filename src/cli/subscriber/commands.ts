import type { Command } from 'commander';
import { command, family, runs } from '../command.ts';

/** `senid subscriber`: how an account stands. */
export function addSubscriberCommands(program: Command): void {
  const subscriber = family(program, 'subscriber', 'how the account of a person stands');
  runs(
    command(subscriber, 'find', 'by identity number or telephone, which is typed or comes by the input: 1 nobody')
      .requiredOption('--by <operator>', 'who looks, for the journal: the id of an operator')
      .requiredOption('--reason <word>', 'why, which the person reads: call, incident, complaint …'),
    async () => (await import('./find.ts')).findCommand,
  );
}

import type { Command } from 'commander';
import { command, family, runs } from '../command.ts';

/** `senid operator`: how it begins, and taking access away. Everything else of operators takes two people. */
export function addOperatorCommands(program: Command): void {
  const operator = family(program, 'operator', 'who works with the console');
  runs(
    command(operator, 'bootstrap', 'make the first operator, once; the identity number is typed or comes by the input')
      .requiredOption('--name <name>', 'of the operator')
      .requiredOption('--email <address>', 'at work')
      .option('--office <code>', 'senid operator offices lists them', 'vn'),
    async () => (await import('./bootstrap.ts')).bootstrapCommand,
  );
  runs(
    command(operator, 'list', 'every operator, their office, roles and state').option(
      '--state <state>',
      'only these: invited, active, suspended or retired',
    ),
    async () => (await import('./list.ts')).listCommand,
  );
  runs(
    command(operator, 'suspend', 'end the access of an operator at once; giving it back takes two people').argument(
      '<id>',
      'as the list shows it',
    ),
    async () => (await import('./suspend.ts')).suspendCommand,
  );
  runs(
    command(operator, 'offices', 'the tree of offices; with --add, one more below another')
      .option('--add <code>', 'its official code, in lower case')
      .option('--below <code>', 'the office that it stands below')
      .option('--vi <name>', 'its name')
      .option('--en <name>', 'its name in English')
      .option('--training', 'an office in which people learn, with invented people only'),
    async () => (await import('./offices.ts')).officesCommand,
  );
}

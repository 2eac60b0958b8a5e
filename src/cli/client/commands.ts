import type { Command } from 'commander';
import { command, family, runs } from '../command.ts';

/** `senid client`: what relying parties may do, from files under version control. */
export function addClientCommands(program: Command): void {
  const client = family(program, 'client', 'clients from files: what differs, and bringing it over');
  const files = 'files or folders, YAML or JSON; the folder clients when none is given';
  runs(
    command(client, 'plan', 'tell how the server differs from the files: 0 not at all, 3 it does').argument(
      '[paths...]',
      files,
    ),
    async () => (await import('./plan.ts')).planCommand,
  );
  runs(
    command(client, 'apply', 'make the server as the files say; in production, draft change requests that do')
      .argument('[paths...]', files)
      .option('--reason <text>', 'why, for those who decide about it; needed in production'),
    async () => (await import('./apply.ts')).applyCommand,
  );
  runs(command(client, 'schema', 'print the JSON Schema of such files, for editors'), async () => {
    return (await import('./schema.ts')).schemaCommand;
  });
}

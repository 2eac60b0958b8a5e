import type { Command } from 'commander';
import { command, family, runs } from '../command.ts';

/** `senid client`: what relying parties may do, from files under version control. */
export function addClientCommands(program: Command): void {
  const client = family(program, 'client', 'clients from files: what differs, and bringing it over');
  const onFiles = (name: string, about: string): Command =>
    command(client, name, about)
      .argument('[paths...]', 'files or folders, YAML or JSON; the folder clients when none is given')
      .option('--as <client>', 'through the admin API, as this API client of an operator: takes no database')
      .option('--key <file>', 'its private key, as PEM or JWK')
      .option('--issuer <url>', 'the server, with --as; else the setting ISSUER');
  runs(onFiles('plan', 'tell how the server differs from the files: 0 not at all, 3 it does'), async () => {
    return (await import('./plan.ts')).planCommand;
  });
  runs(
    onFiles('apply', 'make the server as the files say; in production, make change requests that would').option(
      '--reason <text>',
      'why, for those who decide about it; needed in production',
    ),
    async () => (await import('./apply.ts')).applyCommand,
  );
  runs(command(client, 'schema', 'print the JSON Schema of such files, for editors'), async () => {
    return (await import('./schema.ts')).schemaCommand;
  });
}

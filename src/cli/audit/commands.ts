import type { Command } from 'commander';
import { command, family, runs } from '../command.ts';

/** `senid audit`: what happened here, and that nobody changed it. */
export function addAuditCommands(program: Command): void {
  const audit = family(program, 'audit', 'the journal: whole, and out of here');
  runs(command(audit, 'verify', 'check the journal against its checkpoints, name the first bad row'), async () => {
    return (await import('./verify.ts')).verifyAuditCommand;
  });
  runs(
    command(audit, 'export', 'write it as JSON lines that an outsider can verify')
      .requiredOption(
        '--by <name>',
        'who takes it: the id of an operator who reads the journal; a name while there is none',
      )
      .requiredOption('--reason <word>', 'why: audit, incident, authority, archive')
      .option('--from <number>', 'the first entry')
      .option('--to <number>', 'the last entry')
      .option('--out <file>', 'into this new file, for its owner only, instead of the output'),
    async () => (await import('./export.ts')).exportCommand,
  );
}

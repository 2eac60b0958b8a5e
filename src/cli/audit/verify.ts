import type { Context } from '../context.ts';

const FAULTS = {
  altered: 'is not what was sealed',
  missing: 'was removed',
  cut: 'and everything after it were removed',
  added: 'has a number that was never given',
  rewritten: 'begins a part that was computed anew',
  unsigned: 'has no checkpoint that vouches for it',
  forged_checkpoint: 'has a checkpoint that this installation did not sign',
} as const;

/** `senid audit verify`: reads the whole journal against its checkpoints and names the first bad row. */
export async function verifyAuditCommand({ terminal, withApp }: Context): Promise<number> {
  const progress = terminal.progress('verifying the journal');
  const found = await withApp(({ parts }) => parts.journal.verify(progress.at)).finally(progress.end);
  if (found.intact) {
    const waiting = found.waiting > 0 ? `, ${found.waiting} not sealed yet` : '';
    terminal.answer(found, [
      terminal.ok(`✓ the journal is whole: ${found.entries} entries, ${found.checkpoints} checkpoints${waiting}`),
    ]);
    return 0;
  }
  const until = found.until === undefined ? '' : ` (to entry ${found.until})`;
  terminal.answer(found, [terminal.bad(`✗ entry ${found.sequence} ${FAULTS[found.fault]}${until}`)]);
  return 1;
}

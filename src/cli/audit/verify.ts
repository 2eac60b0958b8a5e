import type { Context } from '../context.ts';
import { forged } from '../doctor/forged.ts';
import { visible } from '../terminal.ts';

const FAULTS = {
  altered: 'is not what was sealed',
  missing: 'was removed',
  cut: 'and everything after it were removed',
  added: 'has a number that was never given',
  rewritten: 'begins a part that was computed anew',
  unsigned: 'has no checkpoint that vouches for it',
  forged_checkpoint: 'has a checkpoint that this installation did not sign',
} as const;

/**
 * `senid audit verify`: reads the whole journal against its checkpoints and names the first bad row; then what stands in the
 * database and was written by nobody whom the journal and the seals know. 1 with either.
 */
export async function verifyAuditCommand({ terminal, withApp }: Context): Promise<number> {
  const progress = terminal.progress('verifying the journal');
  const [found, written] = await withApp(
    async ({ parts }) => [await parts.journal.verify(progress.at), await forged(parts)] as const,
  ).finally(progress.end);
  const others = written.map((sentence) => terminal.bad(`✗ ${visible(sentence)}`));
  if (found.intact) {
    const waiting = found.waiting > 0 ? `, ${found.waiting} not sealed yet` : '';
    terminal.answer({ ...found, forged: written }, [
      terminal.ok(`✓ the journal is whole: ${found.entries} entries, ${found.checkpoints} checkpoints${waiting}`),
      ...others,
    ]);
    return written.length === 0 ? 0 : 1;
  }
  const until = found.until === undefined ? '' : ` (to entry ${found.until})`;
  const first = terminal.bad(`✗ entry ${found.sequence} ${FAULTS[found.fault]}${until}`);
  terminal.answer({ ...found, forged: written }, [first, ...others]);
  return 1;
}

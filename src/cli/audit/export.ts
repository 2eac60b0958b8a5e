import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EXPORT_REASONS, type ExportedLine, type Journal, lineText } from '../../domain/audit/index.ts';
import { isOperatorName } from '../../domain/proofing/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { operatorBehind } from '../operator/behind.ts';

/** The options of `senid audit export`. */
export interface ExportOptions {
  readonly by: string;
  readonly reason: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
}

/**
 * `senid audit export`: the journal as JSON lines, an entry each, the last a signed checkpoint. Whoever has the lines and the
 * public key needs nothing of ours to verify them (domain/audit/README.md). It has what happened to everybody: where there are
 * operators one of them takes it who reads the journal in the console too, and who and why is journalled before the first line.
 * Throws `CommandFault` 2 and 64.
 */
export async function exportCommand(
  { terminal, withApp }: Context,
  { by, reason: word, from, to, out }: ExportOptions,
): Promise<number> {
  if (!isOperatorName(by)) throw new CommandFault(64, '--by must be a name of 2 to 100 characters.');
  const reason = EXPORT_REASONS.find((each) => each === word);
  if (!reason) throw new CommandFault(64, `--reason is one of ${EXPORT_REASONS.join(', ')}.`);
  const range = { from: number('--from', from) ?? 1, to: number('--to', to) ?? Number.MAX_SAFE_INTEGER };
  if (range.from > range.to) throw new CommandFault(64, '--from must not be behind --to.');
  const progress = terminal.progress('exporting the journal');
  const seen = { entries: 0, signedTo: 0 };
  const written = await withApp(async ({ parts }) => {
    const taker = await operatorBehind(parts, by, READS_THE_JOURNAL);
    const { sequence } = await parts.journal.reached();
    const total = Math.max(0, Math.min(range.to, sequence) - range.from + 1);
    const journal = parts.journal.export(range, { by: taker.by, name: taker.name, reason });
    const lines = Readable.from(linesOf(journal, seen, () => progress.at(seen.entries, total)));
    return out === undefined ? toPipe(lines, terminal.out) : toNewFile(lines, out);
  }).finally(progress.end);
  if (out !== undefined && written) {
    const signed = seen.signedTo > 0 ? `signed to entry ${seen.signedTo}` : 'none of them signed';
    terminal.answer({ ...seen, out }, [terminal.ok(`✓ ${seen.entries} entries, ${signed}: ${out}`)]);
  }
  return 0;
}

const READS_THE_JOURNAL = { permission: 'journal.view', does: 'reads the journal' } as const;

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CommandFault(64, `${option} takes the number of an entry.`);
  return Number(text);
}

async function* linesOf(
  lines: ReturnType<Journal['export']>,
  seen: { entries: number; signedTo: number },
  read: () => void,
): AsyncGenerator<string> {
  for await (const line of lines as AsyncIterable<ExportedLine>) {
    if ('checkpoint' in line) seen.signedTo = line.checkpoint?.sequence ?? 0;
    else seen.entries += 1;
    read();
    yield lineText(line);
  }
}

/** Answers false when whoever reads has had enough: `senid audit export | head`. */
async function toPipe(lines: Readable, out: Writable): Promise<boolean> {
  try {
    await pipeline(lines, out, { end: false });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EPIPE') return false;
    throw error;
  }
}

/** Written whole or not at all, for its owner's eyes, and over nothing that is there. */
async function toNewFile(lines: Readable, path: string): Promise<true> {
  const file = await open(path, 'wx', 0o600).catch((error: { code?: string }) => {
    throw new CommandFault(2, `${path}: ${error.code === 'EEXIST' ? 'is there already.' : 'cannot be written.'}`);
  });
  try {
    await pipeline(lines, file.createWriteStream());
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    if ((error as { code?: string }).code === 'ENOSPC') throw new CommandFault(2, `${path}: the disk is full.`);
    throw error;
  }
}

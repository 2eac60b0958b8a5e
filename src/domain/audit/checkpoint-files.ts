import { appendFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from './checkpoint.ts';

/**
 * Checkpoints outside the database, one line each, a file a day. The folder is what an operator puts on append-only or remote
 * storage: a chain that was rewritten, or a table whose tail was cut, no longer fits what is written here.
 */
export async function keepCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const line = JSON.stringify({
    sequence: checkpoint.sequence,
    hash: checkpoint.hash.toString('hex'),
    at: checkpoint.at.toISOString(),
    signature: checkpoint.signature.toString('base64url'),
  });
  // One write with O_APPEND: lines of several processes never mix.
  await appendFile(join(folder, `${checkpoint.at.toISOString().slice(0, 10)}.jsonl`), `${line}\n`, { mode: 0o640 });
}

/** Every checkpoint of a folder, a page at a time; a folder that does not exist yet holds none. */
export async function* keptCheckpoints(folder: string, size: number): AsyncGenerator<Checkpoint[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  let page: Checkpoint[] = [];
  for (const file of files.filter((name) => name.endsWith('.jsonl')).sort()) {
    const handle = await open(join(folder, file));
    for await (const line of handle.readLines()) {
      // A line torn by a full disk says nothing; the same checkpoint stands in the database too.
      const checkpoint = parsed(line);
      if (checkpoint) page.push(checkpoint);
      if (page.length < size) continue;
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

function parsed(line: string): Checkpoint | undefined {
  try {
    const { sequence, hash, at, signature } = JSON.parse(line) as Record<string, unknown>;
    const moment = new Date(String(at));
    if (!Number.isSafeInteger(sequence) || Number.isNaN(moment.getTime())) return undefined;
    return {
      sequence: sequence as number,
      hash: Buffer.from(String(hash), 'hex'),
      at: moment,
      signature: Buffer.from(String(signature), 'base64url'),
    };
  } catch {
    return undefined;
  }
}

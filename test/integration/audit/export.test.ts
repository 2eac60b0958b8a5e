import { spawnSync } from 'node:child_process';
import { createHash, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportedLine, lineText } from '../../../src/domain/audit/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { aJournal, anEvent } from '../../support/journal.ts';

let on: Awaited<ReturnType<typeof aJournal>>;
beforeAll(async () => {
  on = await aJournal();
  for (let batch = 0; batch < 3; batch += 1) {
    for (let number = 0; number < 4; number += 1) {
      const text = `Nguyễn "${batch}"\n\u001b\u2028 ${number / 3} 1e21`;
      const detail = { number: number / 3, text, list: ['b', 'a'], Z: null, a: true, 'a b': 1e21 };
      await on.database.execute(on.journal.append({ ...anEvent(number), detail }).statement);
    }
    await on.journal.seal();
  }
});
afterAll(() => on.end());

const exporting = { by: { kind: 'system' }, name: 'Trần Văn Minh', reason: 'audit' } as const;
const texts = async (range: { from?: number; to?: number } = {}): Promise<string[]> => {
  const all: ExportedLine[] = [];
  for await (const line of on.journal.export(range, exporting)) all.push(line);
  return all.map(lineText);
};
/** As an outsider gets them: through a file. */
const lines = async (range: { from?: number; to?: number } = {}) =>
  (await texts(range)).map((line) => JSON.parse(line) as Record<string, unknown>);

// What domain/audit/README.md tells an outsider to write. Nothing of ours is used here.
const canonical = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(canonical)}]`
    : value && typeof value === 'object'
      ? `{${Object.keys(value)
          .sort()
          .map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`)}}`
      : JSON.stringify(value);
function firstFault(exported: Record<string, unknown>[], publicKey: string): string | undefined {
  let last: string | undefined;
  const hashes = new Map<unknown, unknown>();
  for (const { hash, checkpoint, ...entry } of exported) {
    if (checkpoint !== undefined) {
      const { signature, publicKey: _, ...said } = checkpoint as Record<string, string>;
      const signed = Buffer.from(canonical({ use: 'senid journal checkpoint', ...said }));
      if (!verify(null, signed, publicKey, Buffer.from(signature!, 'base64url'))) return 'signature';
      return hashes.get(said.sequence) === said.hash ? undefined : 'checkpoint';
    }
    if (last !== undefined && entry.previous !== last) return `gap before ${entry.sequence}`;
    if (createHash('sha256').update(canonical(entry)).digest('hex') !== hash) return `entry ${entry.sequence}`;
    last = hash as string;
    hashes.set(entry.sequence, hash);
  }
  return 'no checkpoint';
}

describe('an export of the journal', () => {
  test('is verified by an outsider with a public key and a few lines', async () => {
    const exported = await lines();
    expect(exported).toHaveLength(13);
    expect(exported.slice(0, 12).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(firstFault(exported, on.key.publicKey)).toBeUndefined();
    expect(exported.at(-1)).toMatchObject({ checkpoint: { sequence: 12, publicKey: on.key.publicKey } });
  });

  test('is verified by the program of the README, which finds what was changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'senid-export-'));
    const place = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const [, program = ''] = /```js\n(.*?)```/s.exec(readFileSync('src/domain/audit/README.md', 'utf8')) ?? [];
    const words = [place('verify.mjs', program), join(folder, 'journal.jsonl'), place('key.pem', on.key.publicKey)];
    const text = (await texts()).join('');
    place('journal.jsonl', text);
    expect(spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout).toBe('signed to entry 12\n');
    place('journal.jsonl', text.replace('"Nguyễn', '"Trần'));
    expect(spawnSync(process.execPath, words, { encoding: 'utf8' }).stderr).toContain('entry 1 was changed');
    rmSync(folder, { recursive: true });
  });

  test('shows what was changed, taken out or moved in it', async () => {
    const exported = await lines();
    const changed = structuredClone(exported);
    (changed[6]!.detail as Record<string, unknown>).number = 2;
    expect(firstFault(changed, on.key.publicKey)).toBe('entry 7');
    expect(firstFault(exported.toSpliced(4, 1), on.key.publicKey)).toBe('gap before 6');
    expect(firstFault(exported.toSpliced(11, 1), on.key.publicKey)).toBe('checkpoint');
    const forged = structuredClone(exported);
    (forged[12]!.checkpoint as Record<string, unknown>).at = '2020-01-01T00:00:00.000Z';
    expect(firstFault(forged, on.key.publicKey)).toBe('signature');
  });

  test('of a part of it holds on its own; the checkpoint is the last one about it', async () => {
    const part = await lines({ from: 3, to: 10 });
    expect(part.slice(0, -1).map(({ sequence }) => sequence)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(part.at(-1)).toMatchObject({ checkpoint: { sequence: 8 } });
    expect(firstFault(part, on.key.publicKey)).toBeUndefined();
    expect((await lines({ from: 9, to: 10 })).at(-1)).toEqual({ checkpoint: null });
    expect(await lines({ from: 100 })).toEqual([{ checkpoint: null }]);
  });

  test('is preceded by its own entry, and by no line when that cannot be written', async () => {
    await on.journal
      .export({ from: 2, to: 3 }, { ...exporting, reason: 'incident' })
      [Symbol.asyncIterator]()
      .next();
    const detail = { name: 'Trần Văn Minh', reason: 'incident', from: 2, to: 3 };
    expect(await on.journal.query({ limit: 1 })).toMatchObject([{ type: 'journal.exported', detail }]);
    await on.database.execute(sql`ALTER TABLE journal_incoming RENAME TO journal_elsewhere`);
    const got: string[] = [];
    const taking = async () => {
      for await (const line of on.journal.export({}, exporting)) got.push(lineText(line));
    };
    await expect(taking()).rejects.toThrow('journal_incoming');
    await on.database.execute(sql`ALTER TABLE journal_elsewhere RENAME TO journal_incoming`);
    expect(got).toEqual([]);
  });

  let head = 0;
  test('goes through many pages, and ends where the journal stood when it began', async () => {
    await on.journal.seal();
    const { sequence: before } = await on.journal.reached();
    await on.database.execute(sql`
      INSERT INTO journal_incoming (at, type, actor_kind) SELECT now(), 'keys.created', 'system' FROM generate_series(1, 2100)`);
    await on.journal.seal();
    let seen = 0;
    for await (const line of on.journal.export({ from: before + 1 }, exporting)) {
      if ('checkpoint' in line) expect(line.checkpoint?.sequence).toBe(before + 2100);
      else if (++seen === 1) {
        await on.database.execute(on.journal.append(anEvent(1)).statement);
        await on.journal.seal();
      }
    }
    expect(seen).toBe(2100);
    expect(firstFault(await lines(), on.key.publicKey)).toBeUndefined();
    await on.journal.seal();
    // The pages, and of this test two exports and what came meanwhile.
    head = before + 2100 + 3;
  });

  test('how far the journal has come is known without reading it', async () => {
    await on.database.execute(on.journal.append(anEvent(1)).statement);
    const { sequence, checkpoint, waiting } = await on.journal.reached();
    expect({ sequence, waiting, of: checkpoint?.sequence }).toEqual({ sequence: head, waiting: 1, of: head });
  });

  test('verification tells how far it is', async () => {
    const told: [number, number][] = [];
    await on.journal.verify((entries, of) => void told.push([entries, of]));
    expect(told).toEqual([
      [1_000, head],
      [2_000, head],
      [head, head],
    ]);
  });
});

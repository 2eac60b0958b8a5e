import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entryHash } from '../../src/domain/audit/chain.ts';
import { checkpointKey, createJournal } from '../../src/domain/audit/index.ts';
import { sealedAfter } from '../../src/domain/audit/store.ts';
import { Secret } from '../../src/platform/secret.ts';
import { sql } from '../../src/platform/sql.ts';
import { aJournal, anEvent, tamper } from '../support/journal.ts';

// Abuse case 55: audit tampering (edit, delete, reorder, truncate): the verifier names the first bad row.
let on: Awaited<ReturnType<typeof aJournal>>;
beforeAll(async () => {
  on = await aJournal();
});
afterAll(() => on.end());
beforeEach(async () => {
  await on.reset();
  // Three batches: entries 1 to 4, 5 to 8 and 9 to 12; checkpoints about 4, 8 and 12.
  for (let batch = 0; batch < 3; batch += 1) await on.sealed(4);
});

const bad = (sequence: number, fault: string, until?: number) => ({
  intact: false,
  sequence,
  fault,
  ...(until === undefined ? {} : { until }),
});

/** What somebody with the database and the sources does: change a row and compute every hash after it anew. */
const rewriteFrom = async (sequence: number): Promise<void> => {
  const entries = await sealedAfter(on.database, sequence - 2, 1_000);
  let previous = entries[0]!.hash;
  for (const entry of entries.slice(1)) {
    previous = entryHash(previous, entry);
    await tamper(on.database, sql`UPDATE journal SET hash = ${previous} WHERE sequence = ${entry.sequence}`);
  }
};

test('an untouched journal is intact', async () => {
  expect(await on.journal.verify()).toEqual({ intact: true, entries: 12, checkpoints: 6, waiting: 0 });
});

test.each([
  ['type', sql`UPDATE journal SET type = 'session.ended' WHERE sequence = 6`],
  ['time', sql`UPDATE journal SET at = at + interval '1 second' WHERE sequence = 6`],
  ['actor', sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 6`],
  ['actor kind', sql`UPDATE journal SET actor_kind = 'system' WHERE sequence = 6`],
  ['subscriber', sql`UPDATE journal SET subscriber_id = NULL WHERE sequence = 6`],
  ['client', sql`UPDATE journal SET client_id = 'bank' WHERE sequence = 6`],
  ['detail', sql`UPDATE journal SET detail = detail || '{"n": 7}' WHERE sequence = 6`],
  ['detail, removed', sql`UPDATE journal SET detail = NULL WHERE sequence = 6`],
  ['hash', sql`UPDATE journal SET hash = sha256('x') WHERE sequence = 6`],
])('an edited row is named: %s', async (_, statement) => {
  expect(await tamper(on.database, statement)).toBe(1);
  expect(await on.journal.verify()).toEqual(bad(6, 'altered'));
});

test('a deleted row is named', async () => {
  await tamper(on.database, sql`DELETE FROM journal WHERE sequence = 7`);
  expect(await on.journal.verify()).toEqual(bad(7, 'missing'));
});

test('a deleted beginning is named', async () => {
  await tamper(on.database, sql`DELETE FROM journal WHERE sequence <= 3`);
  expect(await on.journal.verify()).toEqual(bad(1, 'missing'));
});

test('rows in another order are named', async () => {
  await tamper(on.database, sql`UPDATE journal SET sequence = 1000 WHERE sequence = 6`);
  await tamper(on.database, sql`UPDATE journal SET sequence = 6 WHERE sequence = 7`);
  await tamper(on.database, sql`UPDATE journal SET sequence = 7 WHERE sequence = 1000`);
  expect(await on.journal.verify()).toEqual(bad(6, 'altered'));
});

test('a row put before the first is named', async () => {
  await on.database.execute(sql`ALTER TABLE journal DROP CONSTRAINT journal_sequence_check`);
  await tamper(
    on.database,
    sql`
    INSERT INTO journal SELECT -3, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, hash
    FROM journal WHERE sequence = 1`,
  );
  expect(await on.journal.verify()).toEqual(bad(-3, 'added'));
  await tamper(on.database, sql`DELETE FROM journal WHERE sequence < 0`);
  await on.database.execute(sql`ALTER TABLE journal ADD CONSTRAINT journal_sequence_check CHECK (sequence > 0)`);
});

test('a row put behind the last is named, even with the right hash', async () => {
  const [last] = await sealedAfter(on.database, 11, 1);
  const hash = entryHash(last!.hash, { ...last!, sequence: 13 });
  await tamper(
    on.database,
    sql`
    INSERT INTO journal SELECT 13, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, ${hash}
    FROM journal WHERE sequence = 12`,
  );
  expect(await on.journal.verify()).toEqual(bad(13, 'unsigned'));
});

describe('a chain that was computed anew', () => {
  test('no longer fits the checkpoints', async () => {
    await tamper(on.database, sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 6`);
    await rewriteFrom(6);
    // The first row that no good checkpoint covers, and the checkpoint that gives it away.
    expect(await on.journal.verify()).toEqual(bad(5, 'rewritten', 8));
  });

  test('nor when the checkpoints of the table are gone: the files remember', async () => {
    await tamper(on.database, sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 6`);
    await rewriteFrom(6);
    await tamper(on.database, sql`DELETE FROM journal_checkpoints WHERE sequence > 4`);
    expect(await on.journal.verify()).toEqual(bad(5, 'rewritten', 8));
  });

  test('nor when the files are gone: the table remembers', async () => {
    await tamper(on.database, sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 10`);
    await rewriteFrom(10);
    await on.writeCheckpointLines([]);
    expect(await on.journal.verify()).toEqual(bad(9, 'rewritten', 12));
  });

  test('is unsigned when all later checkpoints are gone', async () => {
    await tamper(on.database, sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 10`);
    await rewriteFrom(10);
    await tamper(on.database, sql`DELETE FROM journal_checkpoints WHERE sequence > 8`);
    await on.writeCheckpointLines((await on.checkpointLines()).slice(0, 2));
    expect(await on.journal.verify()).toEqual(bad(9, 'unsigned'));
  });

  test('cannot be signed by another installation', async () => {
    await tamper(on.database, sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 10`);
    await rewriteFrom(10);
    const [entry] = await sealedAfter(on.database, 11, 1);
    const forged = checkpointKey(new Secret(Buffer.alloc(32, 9))).sign(12, entry!.hash, on.clock.now());
    await tamper(
      on.database,
      sql`
      UPDATE journal_checkpoints SET hash = ${forged.hash}, signature = ${forged.signature} WHERE sequence = 12`,
    );
    await on.writeCheckpointLines([]);
    // Nothing genuine vouches for 9 to 12.
    expect(await on.journal.verify()).toEqual(bad(9, 'unsigned'));
  });
});

test('a forged checkpoint is named, though every row is as it was', async () => {
  await tamper(on.database, sql`UPDATE journal_checkpoints SET signature = sha512('x') WHERE sequence = 8`);
  expect(await on.journal.verify()).toEqual(bad(8, 'forged_checkpoint'));
});

test('a forged line in the file is named too', async () => {
  const lines = await on.checkpointLines();
  await on.writeCheckpointLines([...lines, lines[2]!.replace('"sequence":12', '"sequence":11')]);
  expect(await on.journal.verify()).toEqual(bad(11, 'forged_checkpoint'));
});

describe('a tail that was cut', () => {
  test('shows, though the rest is a perfect chain', async () => {
    await tamper(on.database, sql`DELETE FROM journal WHERE sequence > 8`);
    expect(await on.journal.verify()).toEqual(bad(9, 'cut'));
  });

  test('shows when its checkpoint was cut with it: the file remembers', async () => {
    await tamper(on.database, sql`DELETE FROM journal WHERE sequence > 8`);
    await tamper(on.database, sql`DELETE FROM journal_checkpoints WHERE sequence > 8`);
    expect(await on.journal.verify()).toEqual(bad(9, 'cut'));
  });

  test('shows when the whole journal was truncated', async () => {
    await tamper(on.database, sql`TRUNCATE journal, journal_checkpoints`);
    expect(await on.journal.verify()).toEqual(bad(1, 'cut'));
  });

  test('is not covered up by what is sealed afterwards', async () => {
    await tamper(on.database, sql`DELETE FROM journal WHERE sequence > 6`);
    await on.sealed(4);
    expect(await on.journal.verify()).toEqual(bad(7, 'missing'));
    await tamper(on.database, sql`TRUNCATE journal, journal_checkpoints`);
    on.clock.advance(60);
    await on.sealed(16);
    expect(await on.journal.verify()).toMatchObject(bad(1, 'rewritten', 4));
  });
});

// What somebody cuts off seldom ends where a batch did: entries 5 and 6 of the second batch stay, and nothing vouches for them.
describe('a tail that was cut within a batch', () => {
  const cutAfter = async (sequence: number, checkpointsToo: boolean): Promise<void> => {
    await tamper(on.database, sql`DELETE FROM journal WHERE sequence > ${sequence}`);
    if (checkpointsToo) await tamper(on.database, sql`DELETE FROM journal_checkpoints WHERE sequence > ${sequence}`);
  };

  test.each([1, 3, 5, 6, 11])('shows where it was cut, after %i, with its checkpoints', async (kept) => {
    await cutAfter(kept, true);
    expect(await on.journal.verify()).toEqual(bad(kept + 1, 'cut'));
  });

  test.each([1, 3, 5, 6, 11])('shows where it was cut, after %i, when only the table remembers', async (kept) => {
    await cutAfter(kept, false);
    await on.writeCheckpointLines([]);
    expect(await on.journal.verify()).toEqual(bad(kept + 1, 'cut'));
  });

  test('shows in a journal of one batch', async () => {
    await on.reset();
    await on.sealed(76);
    await cutAfter(50, true);
    expect(await on.journal.verify()).toEqual(bad(51, 'cut'));
    await tamper(on.database, sql`UPDATE journal SET type = 'session.ended' WHERE sequence = 40`);
    expect(await on.journal.verify()).toEqual(bad(40, 'altered'));
  });

  test.each([
    ['edited', sql`UPDATE journal SET type = 'session.ended' WHERE sequence = 5`, 'altered'],
    ['removed', sql`DELETE FROM journal WHERE sequence = 5`, 'missing'],
  ])('after a row that was %s: the lower one is named', async (_, statement, fault) => {
    await cutAfter(10, true);
    await tamper(on.database, statement);
    expect(await on.journal.verify()).toEqual(bad(5, fault));
  });

  test('still shows when others were sealed in its place', async () => {
    await cutAfter(6, true);
    on.clock.advance(60);
    await on.sealed(1);
    expect(await on.journal.verify()).toEqual(bad(7, 'cut'));
    // And when the journal has grown over the place: the last row that is vouched for is 4.
    await on.sealed(9);
    expect(await on.journal.verify()).toEqual(bad(5, 'rewritten', 8));
  });

  test('comes after a batch before it that was rewritten', async () => {
    await tamper(on.database, sql`UPDATE journal SET actor_id = 'somebody else' WHERE sequence = 2`);
    await rewriteFrom(2);
    await cutAfter(6, true);
    expect(await on.journal.verify()).toEqual(bad(1, 'rewritten', 4));
  });
});

test.each([4, 8, 12])('an edited hash of row %i, which a checkpoint is about, is that row', async (sequence) => {
  await tamper(on.database, sql`UPDATE journal SET hash = sha256('x') WHERE sequence = ${sequence}`);
  expect(await on.journal.verify()).toEqual(bad(sequence, 'altered'));
});

test('checkpoint files with torn lines are read as far as they go', async () => {
  await on.appendToFile('{"sequence":99');
  expect(await on.journal.verify()).toMatchObject({ intact: true, entries: 12 });
  expect(await on.files()).toEqual(['2026-03-02.jsonl']);
});

test('without a key the chain alone is checked', async () => {
  const journal = createJournal({ database: on.database, clock: on.clock });
  expect(await journal.verify()).toEqual({ intact: true, entries: 12, checkpoints: 0, waiting: 0 });
  await on.database.execute(journal.append(anEvent()).statement);
  expect(await journal.verify()).toMatchObject({ intact: true, waiting: 1 });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChipEvidence } from '../../../src/domain/proofing/chip-evidence.ts';
import {
  createReaderSessions,
  type NewReaderSession,
  SESSION_LIFETIME,
  TAKE_WITHIN,
} from '../../../src/domain/proofing/reader-session/sessions.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';

describe('reader sessions', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let other: Database;
  const clock = fixedClock();
  const store = (database: Database) =>
    createReaderSessions({ database, clock, sealer: createSealer(new Secret(Buffer.alloc(32, 7)), 'reader-sessions') });
  const here = () => store(fresh.database);
  const there = () => store(other);
  beforeAll(async () => {
    fresh = await freshDatabase();
    other = createDatabase({ url: fresh.url });
  });
  afterAll(async () => {
    await other.close();
    await fresh.end();
  });

  const session = (more: Partial<NewReaderSession> = {}): NewReaderSession => ({
    ...{ sid: newToken(16), sessionKey: 'interaction-1', mode: 'aa' },
    ...{ aaChallenge: Buffer.from('88ab55de64f47d77', 'hex'), need: ['SOD', 'DG1'] },
    ...more,
  });
  const evidence = (sid: string): ChipEvidence => ({
    ...{ session: sid, access: 'PACE-CAN', active: { response: 'ABEiMw' } },
    files: { SOD: 'dwEw', DG1: 'YQIfAA' },
  });
  const opened = async (more: Partial<NewReaderSession> = {}) => {
    const one = session(more);
    return { ...one, ...(await here().open(one)) };
  };
  const claimed = async (more: Partial<NewReaderSession> = {}) => {
    const one = await opened(more);
    expect(await there().claim(one.sid, one.token)).toBeDefined();
    return one;
  };
  const everything = async (): Promise<string> =>
    JSON.stringify(await fresh.database.rows(sql`SELECT row_to_json(r)::text AS row FROM reader_sessions r`));

  test('what one process opened another claims, with all that was asked', async () => {
    const one = await opened({ mode: 'relay', access: { kind: 'CAN', secret: '123456' } });
    expect(await there().claim(one.sid, one.token)).toEqual({
      ...{ sid: one.sid, mode: 'relay', need: ['SOD', 'DG1'], aaChallenge: one.aaChallenge },
      ...{ access: { kind: 'CAN', secret: '123456' }, expiresAt: one.expiresAt },
    });
    expect(one.expiresAt.getTime()).toBe(clock.now().getTime() + SESSION_LIFETIME * 1000);
  });

  test('of forty connections over two stores one claims it', async () => {
    const one = await opened();
    const claims = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 ? here() : there()).claim(one.sid, one.token)),
    );
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  test('a wrong token, another session’s token and an unknown session claim nothing, and spoil nothing', async () => {
    const [one, two] = [await opened(), await opened({ sessionKey: 'interaction-2' })];
    expect(await here().claim(one.sid, newToken())).toBeUndefined();
    expect(await here().claim(one.sid, two.token)).toBeUndefined();
    expect(await here().claim(newToken(16), one.token)).toBeUndefined();
    expect(await here().outcome(one.sid, one.sessionKey)).toBe('waiting');
    expect(await here().claim(one.sid, one.token)).toBeDefined();
  });

  test('of a page that opens reading after reading the last one waits; one that is being read goes on', async () => {
    const mine = { sessionKey: 'interaction-3' };
    const [first, second] = [await opened(mine), await opened(mine)];
    expect(await here().claim(first.sid, first.token)).toBeUndefined();
    expect(await here().claim(second.sid, second.token)).toBeDefined();
    const third = await opened(mine);
    expect(await here().outcome(second.sid, second.sessionKey)).toBe('reading');
    expect(await here().outcome(third.sid, third.sessionKey)).toBe('waiting');
  });

  test('a session lives 120 seconds by our clock: one second before it can be claimed, then not', async () => {
    const [one, two] = [await opened(), await opened({ sessionKey: 'interaction-2' })];
    clock.advance(SESSION_LIFETIME - 1);
    expect(await here().claim(one.sid, one.token)).toBeDefined();
    clock.advance(1);
    expect(await here().claim(two.sid, two.token)).toBeUndefined();
    expect(await here().settle(one.sid, { evidence: evidence(one.sid) })).toBe(false);
    expect(await here().outcome(one.sid, one.sessionKey)).toBe('expired');
    expect(await here().outcome(two.sid, two.sessionKey)).toBe('expired');
  });

  test('the states that a page sees: waiting, reading, ready, and expired when it was fetched', async () => {
    const one = await opened();
    const seen = () => here().outcome(one.sid, one.sessionKey);
    expect(await seen()).toBe('waiting');
    await there().claim(one.sid, one.token);
    expect(await seen()).toBe('reading');
    expect(await there().settle(one.sid, { evidence: evidence(one.sid) })).toBe(true);
    expect(await seen()).toEqual({ ready: true });
    expect(await here().take(one.sid, one.sessionKey)).toEqual(evidence(one.sid));
    expect(await seen()).toBe('expired');
  });

  test('what was read is taken once, of forty askers by one', async () => {
    const one = await claimed();
    await here().settle(one.sid, { evidence: evidence(one.sid) });
    const taken = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 ? here() : there()).take(one.sid, one.sessionKey)),
    );
    expect(taken.filter((found) => found !== undefined)).toEqual([evidence(one.sid)]);
  });

  test('another person’s page sees nothing of it and takes nothing', async () => {
    const one = await claimed();
    await here().settle(one.sid, { evidence: evidence(one.sid) });
    expect(await here().outcome(one.sid, 'interaction-2')).toBe('expired');
    expect(await here().take(one.sid, 'interaction-2')).toBeUndefined();
    expect(await here().take(one.sid, one.sessionKey)).toBeDefined();
  });

  test('a session is settled once: the first end stands, whichever it is', async () => {
    const [one, two] = [await claimed(), await claimed()];
    expect(await here().settle(one.sid, { refused: 'reader.lost' })).toBe(true);
    expect(await there().settle(one.sid, { evidence: evidence(one.sid) })).toBe(false);
    expect(await here().outcome(one.sid, one.sessionKey)).toEqual({ refused: 'reader.lost' });
    expect(await here().take(one.sid, one.sessionKey)).toBeUndefined();
    expect(await here().settle(two.sid, { evidence: evidence(two.sid) })).toBe(true);
    expect(await there().settle(two.sid, { refused: 'reader.lost' })).toBe(false);
    expect(await here().outcome(two.sid, two.sessionKey)).toEqual({ ready: true });
  });

  test('a session that nobody has claimed cannot be settled, and an unsettled one gives nothing', async () => {
    const one = await opened();
    expect(await here().settle(one.sid, { evidence: evidence(one.sid) })).toBe(false);
    expect(await here().take(one.sid, one.sessionKey)).toBeUndefined();
    await here().claim(one.sid, one.token);
    expect(await here().take(one.sid, one.sessionKey)).toBeUndefined();
  });

  test('what was read waits two minutes for the page, then is swept with everything else', async () => {
    const one = await claimed();
    await here().settle(one.sid, { evidence: evidence(one.sid) });
    clock.advance(SESSION_LIFETIME + TAKE_WITHIN - 1);
    expect(await here().outcome(one.sid, one.sessionKey)).toEqual({ ready: true });
    clock.advance(1);
    expect(await here().take(one.sid, one.sessionKey)).toBeUndefined();
    clock.advance(1);
    expect(await here().sweep()).toBeGreaterThan(0);
    expect(await fresh.database.rows(sql`SELECT FROM reader_sessions`)).toEqual([]);
  });

  test('no column holds a session, its token, its owner, the typed number or what was read', async () => {
    const sealed = [];
    const one = await opened({ mode: 'relay', access: { kind: 'CAN', secret: '904251' } });
    sealed.push(await everything());
    await here().claim(one.sid, one.token);
    // The number is gone with the claim, even sealed.
    const row = await fresh.database.row(sql`SELECT sealed FROM reader_sessions WHERE claimed_at IS NOT NULL`);
    expect(row).toEqual({ sealed: null });
    await here().settle(one.sid, { evidence: evidence(one.sid) });
    sealed.push(await everything());
    for (const secret of [one.sid, one.token, one.sessionKey, '904251', 'dwEw', 'PACE', 'ABEiMw']) {
      for (const encoded of [secret, Buffer.from(secret).toString('hex')]) expect(sealed.join()).not.toContain(encoded);
      expect(sealed.join()).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
    }
  });

  test('what is sealed in one session opens in no other', async () => {
    const [one, two] = [await claimed(), await claimed()];
    for (const each of [one, two]) await here().settle(each.sid, { evidence: evidence(each.sid) });
    await fresh.database.execute(sql`UPDATE reader_sessions AS a SET sealed = b.sealed FROM reader_sessions AS b
      WHERE a.id <> b.id AND a.sealed IS NOT NULL AND b.sealed IS NOT NULL`);
    await expect(here().take(one.sid, one.sessionKey)).rejects.toThrow();
  });

  test('the table is not logged: no portrait reaches the write-ahead log', async () => {
    expect(
      await fresh.database.row(sql`SELECT relpersistence AS p FROM pg_class WHERE relname = 'reader_sessions'`),
    ).toEqual({
      p: 'u',
    });
  });

  test('a portrait of the largest size comes back whole', async () => {
    const one = await claimed({ need: ['SOD', 'DG1', 'DG2'] });
    const portrait = Buffer.alloc(131_072, 0xa5).toString('base64url');
    const read = { ...evidence(one.sid), files: { ...evidence(one.sid).files, DG2: portrait } };
    await here().settle(one.sid, { evidence: read });
    expect(await here().take(one.sid, one.sessionKey)).toEqual(read);
  });
});

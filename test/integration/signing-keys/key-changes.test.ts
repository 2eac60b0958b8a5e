import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  createDatabaseKeystore,
  createSigningKeys,
  type SigningKeys,
  signingKeyChanges,
} from '../../../src/domain/signing-keys/index.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';

describe('a signing key rotates by two people', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let clock: ReturnType<typeof fixedClock>;
  let keys: SigningKeys;
  let people: TwoPeople;
  beforeAll(async () => {
    db = await freshDatabase();
  });
  afterAll(() => db.end());
  beforeEach(async () => {
    clock = fixedClock();
    await db.database.execute(sql`DELETE FROM signing_keys`);
    keys = createSigningKeys({
      keystore: createDatabaseKeystore({
        database: db.database,
        sealer: createSealer(new Secret(Buffer.alloc(32, 1)), 'signing-keys'),
        journal: createJournal({ database: db.database, clock }),
      }),
      clock,
      algorithms: ['ES256', 'EdDSA'],
    });
    await keys.ensure();
    const subject = signingKeyChanges(keys) as ChangeSubject;
    people = twoPeople({ database: db.database, clock, subject });
    return () => keys.stop();
  });
  const kid = (state: string, algorithm = 'ES256'): string =>
    keys.list().find((key) => key.state === state && key.algorithm === algorithm)!.kid;

  test('and the request says which key signs before and after; the journal who agreed to it', async () => {
    const [current, next, other] = [kid('current'), kid('next'), kid('current', 'EdDSA')];
    const drafted = await people.draft({ algorithm: 'ES256', retires: current, follows: next });
    expect(drafted).toMatchObject({
      drafted: true,
      request: {
        subject: 'ES256',
        baseVersion: current,
        before: { algorithm: 'ES256', signs: current, force: false },
        after: { algorithm: 'ES256', signs: next, force: false },
        risks: [{ code: 'signing_key_changed', path: 'signs' }],
      },
    });
    const { id, revision } = await people.proposed({ algorithm: 'ES256' });
    expect(await people.approvals.approve(id, { revision, by: people.mai })).toMatchObject({ done: false });
    expect(kid('current')).toBe(current);
    expect(await people.approvals.approve(id, { revision, by: people.binh })).toMatchObject({ done: true });
    await keys.ensure();
    expect(kid('current')).toBe(next);
    expect(kid('retired')).toBe(current);
    expect(kid('current', 'EdDSA')).toBe(other);
    const [event] = await createJournal({ database: db.database, clock }).query({ types: ['keys.rotated'], limit: 1 });
    expect(event).toMatchObject({
      actor: { kind: 'operator', id: people.binh.operatorId },
      detail: { current: next, retired: current },
    });
  });

  test('not when it has rotated meanwhile: what was agreed on was another key', async () => {
    const { id, revision } = await people.proposed({ algorithm: 'ES256' });
    await keys.rotate({ algorithm: 'ES256' });
    const [current, next] = [kid('current'), kid('next')];
    expect(await people.approvals.approve(id, { revision, by: people.binh })).toMatchObject({ done: false });
    await keys.ensure();
    expect([kid('current'), kid('next')]).toEqual([current, next]);
    expect(await people.approvals.find(id)).toMatchObject({ state: 'stale', outcome: 'base_changed' });
  });

  test('not before relying parties know the key; the request waits, unless it says that nobody shall wait', async () => {
    clock.advance(1);
    await keys.rotate({ algorithm: 'ES256' });
    const next = kid('next');
    const { id, revision } = await people.proposed({ algorithm: 'ES256' });
    await expect(people.approvals.approve(id, { revision, by: people.binh })).rejects.toMatchObject({
      code: 'signing_keys.too_early',
    });
    expect(await people.approvals.find(id)).toMatchObject({ state: 'proposed' });
    clock.advance(600);
    expect(await people.approvals.approve(id, { revision, by: people.binh })).toMatchObject({ done: true });
    await keys.ensure();
    expect(kid('current')).toBe(next);

    const leaked = await people.proposed({ algorithm: 'ES256', force: true });
    expect(await people.approvals.find(leaked.id)).toMatchObject({
      ...{ risks: [{ code: 'signing_key_forced' }], findings: [{ level: 'warning', path: 'force' }] },
    });
    const step = await people.approvals.approve(leaked.id, { revision: leaked.revision, by: people.binh });
    expect(step).toMatchObject({ done: true });
  });

  test('and to no key that anybody names but the one that waits', async () => {
    for (const [input, path] of [
      [{ algorithm: 'HS256' }, 'algorithm'],
      [{ algorithm: 'RS256' }, 'algorithm'],
      [{ algorithm: 'ES256', retires: kid('next') }, 'retires'],
      [{ algorithm: 'ES256', follows: kid('next', 'EdDSA') }, 'follows'],
      [{ algorithm: 'ES256', follows: 'unknown' }, 'follows'],
    ] as const)
      expect(await people.draft(input)).toMatchObject({ drafted: false, faults: [{ path }] });
    await keys.rotate({ algorithm: 'ES256' });
    const current = { algorithm: 'ES256', follows: kid('current') };
    expect(await people.draft(current)).toMatchObject({ drafted: false, reason: 'same' });
    for (const input of [
      { ...current, force: true },
      { algorithm: 'ES256', follows: kid('retired') },
    ])
      await expect(people.proposed(input)).rejects.toThrow(/"faulty".*"path":"signs"/);
  });
});

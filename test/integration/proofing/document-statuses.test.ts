import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DocumentAuthority } from '../../../src/domain/proofing/document-authority/authority.ts';
import {
  createDocumentStatuses,
  type DocumentStatusesParts,
} from '../../../src/domain/proofing/document-authority/document-statuses.ts';
import { createSimulatedDocumentAuthority } from '../../../src/domain/proofing/document-authority/simulated-document-authority.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { testSealer } from '../../support/people.ts';

const document = { issuingState: 'VNM', documentNumber: 'C00000009', sodSha256: 'ab'.repeat(32) };
const HOUR = 3_600;
const unknown = { code: 'document.status_unknown' };

describe('the standing of a document', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let clock: ReturnType<typeof fixedClock>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  beforeEach(async () => {
    await fresh.database.execute(sql`TRUNCATE document_statuses`);
    clock = fixedClock();
  });
  afterAll(() => fresh.end());

  const asking = (authority?: DocumentAuthority, more: Partial<DocumentStatusesParts> = {}) => {
    const statuses = createDocumentStatuses({
      ...{ database: fresh.database, sealer: testSealer('documents') },
      ...(authority ? { authority } : {}),
      ...{ freshness: 24 * HOUR, withoutAuthority: 'refused', ...more },
    });
    return { ...statuses, check: (of = document) => statuses.check(of, clock.now()) };
  };
  const simulated = (statuses = {}) => createSimulatedDocumentAuthority({ clock, statuses, timeout: 50 });

  test('is asked anew at every sign-in', async () => {
    let asked = 0;
    const authority = simulated();
    const counting: DocumentAuthority = {
      ...authority,
      status: (of) => {
        asked += 1;
        return authority.status(of);
      },
    };
    const { check } = asking(counting);
    for (let n = 0; n < 3; n += 1) {
      expect(await check()).toEqual({ status: 'valid', asOf: clock.now(), fresh: true, from: 'authority' });
    }
    expect(asked).toBe(3);
    expect(asked).toBe(3);
  });

  test.each([
    ['withdrawn', 'document.revoked'],
    ['lost', 'document.revoked'],
    ['expired', 'document.expired'],
    ['unknown', 'document.not_issued'],
  ] as const)('%s is refused with %s, fresh or kept, whatever its age', async (status, code) => {
    const authority = simulated({ C00000009: status });
    const { check } = asking(authority);
    expect(await check()).toMatchObject({ status, fresh: true, from: 'authority', refusal: { code } });
    authority.behave('down');
    clock.advance(1_000 * 24 * HOUR);
    expect(await check()).toMatchObject({ status, fresh: false, from: 'kept', refusal: { code } });
  });

  test.each(['down', 'slow', 'garbage'] as const)(
    '%s: a kept “valid” is used for a day to the second, and said to be kept',
    async (how) => {
      const authority = simulated();
      const { check } = asking(authority);
      await check();
      const asOf = clock.now();
      authority.behave(how);
      clock.advance(24 * HOUR);
      expect(await check()).toEqual({ status: 'valid', asOf, fresh: false, from: 'kept' });
      clock.advance(0.001);
      expect(await check()).toMatchObject({ status: 'valid', from: 'kept', refusal: unknown });
      authority.behave('well');
      expect(await check()).toEqual({ status: 'valid', asOf: clock.now(), fresh: true, from: 'authority' });
    },
  );

  test('down and nothing kept: refused', async () => {
    const authority = simulated();
    authority.behave('down');
    expect(await asking(authority).check()).toEqual({
      ...{ status: 'unanswered', fresh: false, from: 'nobody', refusal: unknown },
    });
  });

  test('freshness 0: nothing kept is good for anything', async () => {
    const authority = simulated();
    const { check } = asking(authority, { freshness: 0 });
    expect(await check()).not.toHaveProperty('refusal');
    authority.behave('down');
    clock.advance(1);
    expect(await check()).toMatchObject({ from: 'kept', refusal: unknown });
  });

  test('what is kept of one document says nothing of another: number, state and security object count', async () => {
    const authority = simulated();
    const { check } = asking(authority);
    await check();
    authority.behave('down');
    expect(await check()).toMatchObject({ from: 'kept' });
    for (const other of [
      { ...document, documentNumber: 'C00000008' },
      { ...document, issuingState: 'UTO' },
      { ...document, sodSha256: 'cd'.repeat(32) },
    ]) {
      expect(await check(other)).toMatchObject({ from: 'nobody', refusal: unknown });
    }
  });

  test('the authority may say that it knows as of earlier; its day counts from then, and not from our question', async () => {
    const asOf = new Date(clock.now().getTime() - 20 * HOUR * 1000);
    const authority = simulated();
    const nightly = { ...authority, status: async () => ({ ...(await authority.status(document)), asOf }) };
    const { check } = asking(nightly);
    expect(await check()).toEqual({ status: 'valid', asOf, fresh: true, from: 'authority' });
    clock.advance(5 * HOUR);
    expect(await check()).toMatchObject({ from: 'authority', refusal: unknown });
  });

  test('an older “valid” does not take back a newer “withdrawn”; a newer one does', async () => {
    const answers = [
      { status: 'withdrawn' as const, asOf: clock.now() },
      { status: 'valid' as const, asOf: new Date(clock.now().getTime() - 1_000) },
      { status: 'valid' as const, asOf: new Date(clock.now().getTime() + 1_000) },
    ];
    const { check } = asking({ ...simulated(), status: async () => answers.shift()! });
    expect(await check()).toMatchObject({ status: 'withdrawn' });
    expect(await check()).toMatchObject({ status: 'withdrawn', refusal: { code: 'document.revoked' } });
    expect(await check()).toMatchObject({ status: 'valid', from: 'authority' });
  });

  test('without an authority a document is refused, unless the operator has waived it; and nothing is asked or kept', async () => {
    const before = fresh.database.statements;
    expect(await asking().check()).toMatchObject({ status: 'not_asked', from: 'nobody', refusal: unknown });
    expect(await asking(undefined, { withoutAuthority: 'waived' }).check()).toEqual({
      ...{ status: 'not_asked', fresh: false, from: 'nobody' },
    });
    expect(fresh.database.statements).toBe(before);
  });

  test('the table tells nobody whose card it is', async () => {
    await asking(simulated()).check();
    const rows = await fresh.database.rows(sql`SELECT t::text AS text FROM document_statuses t`);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/C00000009|VNM|abab/);
  });

  test('forgets a “valid” that is too old for use, and keeps the rest', async () => {
    const statuses = asking(simulated({ C00000001: 'withdrawn' }));
    await statuses.check();
    await statuses.check({ ...document, documentNumber: 'C00000001' });
    clock.advance(24 * HOUR);
    expect(await statuses.forget(clock.now())).toBe(0);
    clock.advance(1);
    expect(await statuses.forget(clock.now())).toBe(1);
    expect(await fresh.database.rows(sql`SELECT status FROM document_statuses`)).toEqual([{ status: 'withdrawn' }]);
  });

  test('a fault of the authority’s own code is no silence: it passes through', async () => {
    const broken = { ...simulated(), status: () => Promise.reject(new TypeError('a mistake')) };
    await expect(asking(broken).check()).rejects.toThrow(TypeError);
  });
});

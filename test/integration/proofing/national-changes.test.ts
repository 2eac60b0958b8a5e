import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createNationalCscaChanges } from '../../../src/domain/proofing/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { productionFaults } from '../../../src/sandbox/index.ts';
import { parseCertificate } from '../../../src/standards/icao9303/pki/certificate.ts';
import { authorityOf, chainOf } from '../../../src/standards/icao9303/pki/chain.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { tamper } from '../../support/journal.ts';
import { aCountry, aTrustProcess } from '../../support/trust.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';

const vn = aCountry('VN');
const newer = aCountry('VN', { keyName: 'of the next ten years' });
const de = aCountry('DE');
const by = { by: 'Trần Văn Minh' };
const hashOf = (der: Buffer): string => parseCertificate(der).sha256;
const wish = (act: 'pin' | 'remove', der: Buffer) => ({ act, certificate: der.toString('base64') });

describe('the national CSCA changes by two people', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let here: ReturnType<typeof aTrustProcess>;
  let clock: ReturnType<typeof fixedClock>;
  let subject: ChangeSubject;
  let people: TwoPeople;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  beforeEach(async () => {
    const tables = 'trust_revocation_lists, trust_holdings, master_list_imports, trust_certificates, journal_incoming';
    await tamper(fresh.database, sql`TRUNCATE ${sql.raw(tables)}`);
    clock = fixedClock();
    here = aTrustProcess(fresh.url, clock, { fourEyes: true });
    const { database } = here;
    const journal = createJournal({ database, clock });
    subject = createNationalCscaChanges({ database, clock, journal, trustStore: here.store }) as ChangeSubject;
    people = twoPeople({ database, clock, subject });
  });
  afterEach(() => here.end());
  afterAll(() => fresh.end());

  const believes = async (signer: Buffer): Promise<boolean> => {
    try {
      const chain = await chainOf(parseCertificate(signer), { trust: await here.store.anchors() });
      return authorityOf(chain, { now: clock.now(), national: true }).national;
    } catch {
      return false;
    }
  };
  const journalled = async () =>
    (await createJournal({ database: fresh.database, clock }).query({})).filter(({ type }) =>
      type.startsWith('trust.'),
    );

  test('one person, by the front door, neither pins nor removes', async () => {
    expect(await here.store.pinNational(vn.der, by)).toEqual({ done: false, needsTwo: true });
    await people.change(wish('pin', vn.der));
    expect(await here.store.remove(hashOf(vn.der), by)).toEqual({ done: false, needsTwo: true });
    expect(await believes(vn.signer(1))).toBe(true);
    // What is not our own is one person's business as before.
    await here.store.importCertificate(de.der, by);
    expect(await here.store.remove(hashOf(de.der), by)).toMatchObject({ done: true });
  });

  test('pinned in the transaction of the approval, with its event by the second person, and removed by two again', async () => {
    expect(await people.change(wish('pin', vn.der))).toMatchObject({ done: true, request: { state: 'applied' } });
    expect(await believes(vn.signer(1))).toBe(true);
    expect(await journalled()).toMatchObject([
      { type: 'trust.national_pinned', actor: { kind: 'operator', id: people.binh.operatorId } },
    ]);
    expect((await here.store.list()).certificates).toMatchObject([
      { national: true, pinnedBy: [expect.stringMatching(/^change request [0-9a-f-]{36}$/)] },
    ]);

    expect(await people.change(wish('remove', vn.der))).toMatchObject({ done: true });
    expect(await believes(vn.signer(1))).toBe(false);
    expect((await journalled())[0]).toMatchObject({
      type: 'trust.certificate_removed',
      actor: { kind: 'operator', id: people.binh.operatorId },
      detail: { sha256: hashOf(vn.der), national: true },
    });
    expect(await people.change(wish('pin', vn.der))).toMatchObject({
      ...{ done: true, request: { risks: [{ code: 'national_pinned' }, { code: 'national_brought_back' }] } },
    });
    expect(await believes(vn.signer(1))).toBe(true);
  });

  test('one click proposes the way back of each, and another person agrees', async () => {
    const back = async (made: Awaited<ReturnType<typeof people.change>>) => {
      const id = made.done ? made.request.id : '';
      const step = await people.approvals.rollBack(id, people.mai, 'not this one');
      if (!('done' in step && step.done)) throw new Error(JSON.stringify(step));
      return step.request;
    };
    const agree = ({ id, revision }: { id: string; revision: number }) =>
      people.approvals.approve(id, { revision, by: people.binh });
    const pinned = await people.change(wish('pin', vn.der));
    const removal = await back(pinned);
    expect(removal).toMatchObject({ state: 'proposed', after: { act: 'remove', sha256: hashOf(vn.der) } });
    expect(await believes(vn.signer(1))).toBe(true);
    const own = { revision: removal.revision, by: people.mai };
    expect(await people.approvals.approve(removal.id, own)).toMatchObject({ done: false });
    const removed = await agree(removal);
    expect(await believes(vn.signer(1))).toBe(false);
    // What was taken back is so already.
    const twice = await people.approvals.rollBack(pinned.done ? pinned.request.id : '', people.mai, 'again');
    expect(twice).toEqual({ drafted: false, reason: 'same' });
    const pinning = await back(removed);
    expect(pinning).toMatchObject({ after: { act: 'pin' }, risks: [{}, { code: 'national_brought_back' }] });
    const brought = await agree(pinning);
    expect(await believes(vn.signer(1))).toBe(true);
    await agree(await back(brought));
    expect(await believes(vn.signer(1))).toBe(false);
  });

  test('what people read is read from the certificate, whatever was handed in beside it', async () => {
    const drafted = await people.draft({ ...wish('pin', vn.der), sha256: hashOf(newer.der), subject: 'CN=Honest' });
    expect(drafted).toMatchObject({
      drafted: true,
      request: {
        subject: hashOf(vn.der),
        after: {
          ...{ act: 'pin', sha256: hashOf(vn.der), subject: 'CN=TEST CSCA,O=Tests,C=VN', country: 'VN' },
          ...{ notBefore: '2024-01-01T00:00:00.000Z', notAfter: '2039-01-01T00:00:00.000Z' },
        },
      },
    });
  });

  test.each([
    ['of another country', 'csca.foreign', () => de.der],
    ['that may issue further authorities', 'csca.constraints', () => aCountry('VN', { pathLength: 1 }).der],
    ['that may not issue', 'csca.constraints', () => aCountry('VN', { usages: ['crlSign'] }).der],
    ['that signs documents', 'csca.constraints', () => vn.signer(1)],
    ['that has ended', 'csca.validity', () => aCountry('VN', { notAfter: '2026-03-01' }).der],
    ['that is none', 'asn1.malformed', () => Buffer.from('not a certificate')],
  ])('a certificate %s is not even drafted', async (_what, code, file) => {
    expect(await people.draft(wish('pin', file()))).toMatchObject({
      ...{
        drafted: false,
        reason: 'faulty',
        faults: [{ path: 'certificate', message: expect.stringContaining(code) }],
      },
    });
  });

  test.each([
    ['nothing', undefined],
    ['another act', { act: 'trust', certificate: vn.der.toString('base64') }],
    ['no base64', { act: 'pin', certificate: '!!!!' }],
    ['far too much', { act: 'pin', certificate: 'A'.repeat(24_004) }],
  ])('%s is not drafted', async (_what, value) => {
    expect(await people.draft(value)).toMatchObject({ drafted: false, reason: 'faulty' });
  });

  test('a damaged one is drafted, and never proposed', async () => {
    const damaged = Buffer.from(vn.der);
    damaged[damaged.length - 1]! ^= 1;
    const drafted = await people.draft(wish('pin', damaged));
    if (!drafted.drafted) throw new Error(drafted.reason);
    const { id, revision } = drafted.request;
    expect(await people.approvals.propose(id, { revision, by: people.mai })).toMatchObject({
      ...{ done: false, reason: 'faulty', findings: [{ level: 'error', path: 'certificate' }] },
    });
  });

  test('before anybody agrees it is told what stays pinned, what ends soon, and what leaves no card believed', async () => {
    await people.change(wish('pin', vn.der));
    const soon = aCountry('VN', { keyName: 'soon', notAfter: '2026-12-01', notBefore: '2026-04-01' });
    const told = async (value: unknown): Promise<string[]> => {
      const parsed = subject.parse(value);
      if (!parsed.parsed) throw new Error(JSON.stringify(parsed));
      const before = await subject.current(here.database, parsed.subject);
      return (await subject.test(parsed.value, before?.value)).map(({ level, message }) => `${level}: ${message}`);
    };
    expect(await told(wish('pin', soon.der))).toEqual([
      'warning: It is not valid yet.',
      'warning: It ends within a year.',
      `warning: Another stays pinned beside it: CN=TEST CSCA,O=Tests,C=VN (${hashOf(vn.der).slice(0, 12)}).`,
    ]);
    expect(await told(wish('remove', vn.der))).toEqual([
      'warning: None stays pinned: no identity card of ours is believed any more.',
    ]);
    expect(await told(wish('remove', newer.der))).toEqual(['error: This certificate is not pinned.']);
    await people.change(wish('pin', newer.der));
    expect(await told(wish('remove', vn.der))).toEqual([]);
  });

  test('of two proposals of the same the second is stale, and so is one whose subject went round', async () => {
    const [first, second] = [await people.proposed(wish('pin', vn.der)), await people.proposed(wish('pin', vn.der))];
    const round = await people.proposed(wish('pin', vn.der));
    const approve = ({ id, revision }: typeof first) => people.approvals.approve(id, { revision, by: people.binh });
    expect(await approve(first)).toMatchObject({ done: true });
    expect(await approve(second)).toEqual({ done: false, reason: 'stale' });
    await people.change(wish('remove', vn.der));
    expect(await approve(round)).toEqual({ done: false, reason: 'stale' });
    expect(await believes(vn.signer(1))).toBe(false);
  });

  test('one that has ended before its time came is set aside, and pins nothing', async () => {
    const short = aCountry('VN', { keyName: 'short', notAfter: '2026-03-10' });
    const drafted = await people.draft(wish('pin', short.der));
    if (!drafted.drafted) throw new Error(drafted.reason);
    const { id, revision } = drafted.request;
    const activateAt = new Date('2026-03-20');
    const step = await people.approvals.propose(id, { revision, by: people.mai, activateAt });
    if (!step.done) throw new Error(step.reason);
    await people.approvals.approve(id, { revision: step.request.revision, by: people.binh });
    clock.advance(20 * 86_400);
    await people.approvals.activateDue();
    expect(await people.approvals.find(id)).toMatchObject({ state: 'stale', outcome: 'faulty' });
    expect(await believes(short.signer(1))).toBe(false);
  });

  describe('the database itself', () => {
    const put = async (der: Buffer, more: { test?: boolean; change?: string } = {}) => {
      const hash = Buffer.from(hashOf(der), 'hex');
      const { test: isTest = false, change = null } = more;
      return fresh.database.execute(sql`
        INSERT INTO trust_holdings (sha256, holder, national, test, change_request_id, pinned_by, since)
        VALUES (${hash}, 'anchor by command', true, ${isTest}, ${change}, 'Eve', now())`);
    };

    test('lets nobody pin without a change request, with one that is not applied, or with an old one', async () => {
      await here.store.importCertificate(vn.der, by);
      await fresh.database.execute(sql`DELETE FROM trust_holdings`);
      await expect(put(vn.der)).rejects.toThrow('pinned by two people');
      await expect(put(vn.der, { change: newId() })).rejects.toThrow('pinned by two people');
      const { id } = await people.proposed(wish('pin', vn.der));
      await expect(put(vn.der, { change: id })).rejects.toThrow('pinned by two people');
      // Agreed on, made, and undone by two again: the old agreement pins nothing a second time.
      const made = await people.change(wish('pin', vn.der));
      await people.change(wish('remove', vn.der));
      await expect(put(vn.der, { change: made.done ? made.request.id : '' })).rejects.toThrow('pinned by two people');
    });

    test('lets nobody make a foreign anchor national', async () => {
      await here.store.importCertificate(vn.der, by);
      await expect(fresh.database.execute(sql`UPDATE trust_holdings SET national = true`)).rejects.toThrow(
        'pinned by two people',
      );
    });

    test.each([
      ['its row is deleted', sql`DELETE FROM trust_holdings`],
      ['it is made foreign', sql`UPDATE trust_holdings SET national = false`],
      ['it is said to be a test', sql`UPDATE trust_holdings SET test = true, change_request_id = NULL`],
      ['it is moved to another certificate', sql`UPDATE trust_holdings SET sha256 = sha256, since = now()`],
      ['its certificate is removed', sql`UPDATE trust_certificates SET removed_at = now(), removed_by = 'Eve'`],
    ])('lets nobody end a pin: %s', async (_what, statement) => {
      await people.change(wish('pin', vn.der));
      await expect(fresh.database.execute(statement)).rejects.toThrow('removed by two people');
      expect(await believes(vn.signer(1))).toBe(true);
    });

    test('a sandbox’s pin is believed in a sandbox alone, and production does not start with it', async () => {
      const sandbox = aTrustProcess(fresh.url, clock);
      try {
        await sandbox.store.pinNational(vn.der, by);
        expect((await sandbox.store.anchors()).candidates(parseCertificate(vn.signer(1)))).toMatchObject([
          { national: true },
        ]);
      } finally {
        await sandbox.end();
      }
      expect(await believes(vn.signer(1))).toBe(false);
      expect(await productionFaults(fresh.database)).toContain(
        'The database holds 1 authority of our own country by the word of a sandbox.',
      );
    });
  });
});

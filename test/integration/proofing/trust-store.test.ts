import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { padRequired } from '../../../src/config/profiles.ts';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import type { JournalEntry } from '../../../src/domain/audit/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { type CardRules, createCardRuleChanges, USUAL_CARD_RULES } from '../../../src/domain/proofing/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import type { Anchor } from '../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../src/standards/icao9303/pki/certificate.ts';
import { authorityOf, chainOf } from '../../../src/standards/icao9303/pki/chain.ts';
import { checkRevocation } from '../../../src/standards/icao9303/pki/revocation.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { tamper } from '../../support/journal.ts';
import { environmentOf, settingsOf } from '../../support/settings.ts';
import { aCountry, aTrustProcess } from '../../support/trust.ts';
import { twoPeople } from '../../support/two-people.ts';

const vn = aCountry('VN');
const de = aCountry('DE');
const fr = aCountry('FR');
const ut = aCountry('UT');
/** A stranger who says that it is our authority. */
const impostor = aCountry('VN', { keyName: 'of somebody else' });
const by = { by: 'Trần Văn Minh' };

describe('the trust store', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let here: ReturnType<typeof aTrustProcess>;
  let clock: ReturnType<typeof fixedClock>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  beforeEach(async () => {
    // As on the first day; no trigger hears of it.
    const tables = 'trust_revocation_lists, trust_holdings, master_list_imports, trust_certificates, journal_incoming';
    await tamper(fresh.database, sql`TRUNCATE ${sql.raw(tables)}`);
    clock = fixedClock();
    here = aTrustProcess(fresh.url, clock);
  });
  afterEach(() => here.end());
  afterAll(() => fresh.end());

  const trusting = async (signer: Buffer, national: boolean): Promise<Anchor> => {
    const chain = await chainOf(parseCertificate(signer), { trust: await here.store.anchors() });
    return authorityOf(chain, { now: clock.now(), national });
  };
  const revocation = async (country: typeof vn, serial: number) => {
    const { certificate } = await trusting(country.signer(serial), country === vn);
    const policy = { required: true, staleAfterDays: 7 };
    return checkRevocation(parseCertificate(country.signer(serial)), certificate, {
      ...{ trust: await here.store.anchors(), policy, now: clock.now() },
    });
  };
  const journalled = async (): Promise<JournalEntry[]> =>
    (await createJournal({ database: fresh.database, clock }).query({})).filter(({ type }) =>
      type.startsWith('trust.'),
    );
  const counted = async () => {
    const tables = ['trust_certificates', 'trust_holdings', 'master_list_imports', 'trust_revocation_lists'];
    const rows = tables.map((table) => fresh.database.row(sql`SELECT count(*)::int AS n FROM ${sql.raw(table)}`));
    return (await Promise.all(rows)).map((row) => row?.n);
  };

  describe('the rules by which cards are believed', () => {
    const told = async () =>
      (await journalled())
        .filter(({ type }) => type === 'trust.rule_changed')
        .map(({ detail, actor }) => ({ ...detail, by: actor.kind }))
        .reverse();
    const startWith = async (rules: Partial<CardRules>) => {
      const process = aTrustProcess(fresh.url, clock, { rules: { ...USUAL_CARD_RULES, ...rules } });
      await process.store.recordRules();
      await process.end();
    };

    test('are journalled by a server that starts when they are others than the journal last said, and only then', async () => {
      await startWith({});
      expect(await told()).toEqual([]);
      await startWith({ CARD_TRUST: 'authority', CRL_STALE_DAYS: 90 });
      const changed = [
        { setting: 'CARD_TRUST', before: 'certificates', after: 'authority', by: 'system' },
        { setting: 'CRL_STALE_DAYS', before: 10, after: 90, by: 'system' },
      ];
      expect(await told()).toEqual(changed);
      await startWith({ CARD_TRUST: 'authority', CRL_STALE_DAYS: 90 });
      expect(await told()).toEqual(changed);
      await startWith({ CRL_STALE_DAYS: 90, CARD_STATUS: 'waived' });
      expect((await told()).slice(2)).toEqual([
        { setting: 'CARD_TRUST', before: 'authority', after: 'certificates', by: 'system' },
        { setting: 'CARD_STATUS', before: 'asked', after: 'waived', by: 'system' },
      ]);
      const faces = { CARD_STATUS_FRESHNESS: 604_800, FACE_PAD_REQUIRED: 'none' } as const;
      await startWith({ CRL_STALE_DAYS: 90, CARD_STATUS: 'waived', ...faces });
      expect((await told()).slice(4)).toEqual([
        { setting: 'CARD_STATUS_FRESHNESS', before: 86_400, after: 604_800, by: 'system' },
        { setting: 'FACE_PAD_REQUIRED', before: 'tested', after: 'none', by: 'system' },
      ]);
    });

    test('are journalled once by processes that start together', async () => {
      await Promise.all(Array.from({ length: 4 }, () => startWith({ CARD_STATUS: 'waived' })));
      expect(await told()).toHaveLength(1);
    });

    test('are warned of where they are looser than usual', async () => {
      const subjects = async (rules: Partial<CardRules>) => {
        const { store, end } = aTrustProcess(fresh.url, clock, { rules });
        const warnings = await store.warnings(clock.now());
        await end();
        return warnings.filter(({ what }) => what === 'rule_loosened').map(({ subject }) => subject);
      };
      expect(await subjects(USUAL_CARD_RULES)).toEqual([]);
      expect(await subjects({ CRL_STALE_DAYS: 0, CARD_STATUS_FRESHNESS: 0 })).toEqual([]);
      const loose = { CARD_TRUST: 'authority', CARD_STATUS: 'waived', CRL_STALE_DAYS: 11 } as const;
      const faces = { CARD_STATUS_FRESHNESS: 86_401, FACE_PAD_REQUIRED: 'none' } as const;
      expect((await subjects({ ...loose, ...faces })).sort()).toEqual([
        'CARD_STATUS=waived',
        'CARD_STATUS_FRESHNESS=86401',
        'CARD_TRUST=authority',
        'CRL_STALE_DAYS=11',
        'FACE_PAD_REQUIRED=none',
      ]);
    });

    test('ask of an engine what it cannot do, whatever one person has set: that is told before anybody stands there', async () => {
      const process = (facePad: 'none' | 'active-challenge' | 'tested', asked: 'none' | 'tested') =>
        aTrustProcess(fresh.url, clock, { fourEyes: true, rules: { FACE_PAD_REQUIRED: asked }, facePad });
      const [embedded, tested] = [process('none', 'none'), process('tested', 'tested')];
      const beyond = async ({ store }: typeof embedded) =>
        (await store.warnings(clock.now())).filter(({ what }) => what === 'face_beyond');
      expect(await beyond(embedded)).toMatchObject([{ subject: 'FACE_PAD_REQUIRED=tested', blocking: true }]);
      expect(await beyond(tested)).toEqual([]);

      const { database, store } = embedded;
      const journal = createJournal({ database, clock });
      const parts = { clock, journal, forget: store.forget, facePad: 'none' } as const;
      const subject = createCardRuleChanges(parts) as ChangeSubject;
      const { change } = twoPeople({ database, clock, subject });
      const loosened = await change({ ...USUAL_CARD_RULES, FACE_PAD_REQUIRED: 'none' });
      expect(loosened).toMatchObject({ done: true, request: { findings: [] } });
      expect(await beyond(embedded)).toEqual([]);
      await agreedWith('tested', USUAL_CARD_RULES);
      for (const one of [embedded, tested]) await one.end();
    });

    /** Two people change the rules on a server whose engine does so much. */
    const rulesWith = (facePad: 'none' | 'active-challenge' | 'tested') => {
      const { database } = fresh;
      const journal = createJournal({ database, clock });
      const subject = createCardRuleChanges({ clock, journal, forget: here.store.forget, facePad }) as ChangeSubject;
      return twoPeople({ database, clock, subject });
    };
    const agreedWith = async (...[facePad, rules]: [Parameters<typeof rulesWith>[0], CardRules]) =>
      expect(await rulesWith(facePad).change(rules)).toMatchObject({ done: true });
    const agreements = async () => (await fresh.database.row(sql`SELECT count(*)::int AS n FROM card_rules`))?.n;

    test.each([
      ['none', 'active-challenge'],
      ['none', 'tested'],
      ['active-challenge', 'tested'],
    ] as const)(
      'two people with an engine that does %s cannot agree on %s: neither proposed, nor approved, nor made when its time comes',
      async (has, asked) => {
        const rules = { ...USUAL_CARD_RULES, FACE_PAD_REQUIRED: asked };
        await agreedWith('tested', { ...USUAL_CARD_RULES, FACE_PAD_REQUIRED: 'none' });
        const before = await agreements();
        const less = rulesWith(has);
        const said = {
          ...{ level: 'error', path: 'FACE_PAD_REQUIRED' },
          message: `First the engine, then the rule: that of this server does ${has}, and with ${asked} no face would pass.`,
        };
        const drafted = await less.draft(rules);
        if (!drafted.drafted) throw new Error(drafted.reason);
        const { id, revision } = drafted.request;
        const proposal = await less.approvals.propose(id, { revision, by: less.mai });
        expect(proposal).toEqual({ done: false, reason: 'faulty', findings: [said] });

        // Proposed while there was another engine.
        const more = rulesWith('tested');
        const proposed = await more.proposed(rules);
        const { revision: seen } = proposed;
        const approval = await less.approvals.approve(proposed.id, { revision: seen, by: less.binh });
        expect(approval).toEqual({ done: false, reason: 'faulty', findings: [said] });
        // And approved.
        const timed = await more.draft({ ...rules, CRL_STALE_DAYS: 9 });
        if (!timed.drafted) throw new Error(timed.reason);
        const activateAt = new Date(clock.now().getTime() + 60_000);
        const step = { revision: timed.request.revision, by: more.mai, activateAt };
        const waits = await more.approvals.propose(timed.request.id, step);
        if (!waits.done) throw new Error(waits.reason);
        const scheduled = await more.approvals.approve(waits.request.id, {
          ...{ revision: waits.request.revision, by: more.binh },
        });
        expect(scheduled).toMatchObject({ done: true, request: { state: 'scheduled' } });
        clock.advance(60);
        expect(await less.approvals.activateDue()).toBe(0);
        expect(await less.approvals.find(timed.request.id)).toMatchObject({ state: 'stale', outcome: 'faulty' });
        expect(await agreements()).toBe(before);
        await agreedWith(has, { ...USUAL_CARD_RULES, FACE_PAD_REQUIRED: has, CRL_STALE_DAYS: 8 });
        await agreedWith('tested', USUAL_CARD_RULES);
      },
    );

    test('are in force as far as two people agreed, in every process; what one person sets beyond that is a wish', async () => {
      const wished = { ...USUAL_CARD_RULES, CARD_TRUST: 'authority', CRL_STALE_DAYS: 30, CARD_STATUS_FRESHNESS: 60 };
      const process = (more: Partial<CardRules> = {}) =>
        aTrustProcess(fresh.url, clock, { fourEyes: true, rules: { ...wished, ...more } as CardRules });
      const [one, other, greedy] = [process(), process(), process({ CRL_STALE_DAYS: 90 })];
      const inForce = async ({ store }: typeof one) => (await store.rules()).inForce;
      const warned = async (what: string) =>
        (await one.store.warnings(clock.now())).filter((one) => one.what === what).map(({ subject }) => subject);
      const { database } = one;
      const journal = createJournal({ database, clock });
      const subject = createCardRuleChanges({ clock, journal, forget: one.store.forget }) as ChangeSubject;
      const { approvals, change, mai, binh } = twoPeople({ database, clock, subject });

      // Stricter than usual takes nobody's word; looser takes two.
      const strict = { ...USUAL_CARD_RULES, CARD_STATUS_FRESHNESS: 60 };
      expect(await inForce(one)).toEqual(strict);
      expect(await inForce(other)).toEqual(strict);
      expect(await warned('rule_wished')).toEqual(['CARD_TRUST=authority', 'CRL_STALE_DAYS=30']);
      expect(await warned('rule_loosened')).toEqual([]);
      await one.store.recordRules();
      expect(await told()).toMatchObject([{ setting: 'CARD_STATUS_FRESHNESS', after: 60 }]);

      const { wanted } = await one.store.rules();
      const made = await change(wanted);
      expect(made).toMatchObject({ done: true, request: { state: 'applied', before: USUAL_CARD_RULES } });
      expect(made.done && made.request.risks.map(({ path }) => path)).toEqual(['CARD_TRUST', 'CRL_STALE_DAYS']);
      expect(await inForce(one)).toEqual(wished);
      await eventually(() => inForce(other)).toEqual(wished);
      // Beyond what they agreed on nobody goes by a setting.
      await eventually(() => inForce(greedy)).toEqual(wished);
      expect([await warned('rule_wished'), await warned('rule_loosened')]).toEqual([
        [],
        ['CARD_TRUST=authority', 'CRL_STALE_DAYS=30'],
      ]);
      expect((await journalled()).find(({ type }) => type === 'trust.rules_agreed')).toMatchObject({
        ...{ actor: { kind: 'operator', id: binh.operatorId }, detail: wanted },
      });

      // Undone by two again; what they agreed on is not taken twice, changed or cut by whoever writes.
      const back = await approvals.rollBack(made.done ? made.request.id : '', mai, 'enough');
      if (!('done' in back && back.done)) throw new Error(JSON.stringify(back));
      await approvals.approve(back.request.id, { revision: back.request.revision, by: binh });
      expect(await inForce(one)).toEqual(strict);
      await eventually(() => inForce(other)).toEqual(strict);
      for (const statement of [
        sql`INSERT INTO card_rules (rules, agreed_at, change_request_id) SELECT rules, agreed_at, gen_random_uuid() FROM card_rules LIMIT 1`,
        sql`UPDATE card_rules SET rules = ${JSON.stringify(wished)}`,
        sql`DELETE FROM card_rules`,
        sql`TRUNCATE card_rules`,
      ])
        await expect(database.execute(statement)).rejects.toThrow(/two people|append-only|refuse|stay|change/i);
      await Promise.all([one, other, greedy].map(({ end }) => end()));
    });

    test('are usually what the settings say when nobody has said anything', () => {
      const said = settingsOf(environmentOf(fresh.url, 1, '/nowhere', {}));
      expect({
        ...{ CARD_TRUST: said.cardTrust, CARD_STATUS: said.cardStatus, CRL_STALE_DAYS: said.crlStaleDays },
        CARD_STATUS_FRESHNESS: said.cardStatusFreshness,
        FACE_PAD_REQUIRED: said.facePadRequired ?? padRequired({ ...said, profile: 'production' }),
      }).toEqual(USUAL_CARD_RULES);
    });
  });

  describe('of our own country', () => {
    test('nothing is trusted before somebody says so', async () => {
      await expect(trusting(vn.signer(1), true)).rejects.toMatchObject({ code: 'csca.unknown' });
      expect(await here.store.warnings(clock.now())).toEqual([
        { what: 'no_national', country: 'VN', subject: '', blocking: true },
      ]);
    });

    test('a pinned authority vouches, and the journal says who pinned it', async () => {
      const { sha256, subject } = parseCertificate(vn.der);
      expect(await here.store.pinNational(vn.der, by)).toEqual({
        ...{ done: true, changed: true, sha256, subject: subject.text, country: 'VN' },
      });
      expect(await trusting(vn.signer(1), true)).toMatchObject({ national: true });
      const [entry, ...others] = await journalled();
      expect(others).toEqual([]);
      expect(entry).toMatchObject({
        type: 'trust.national_pinned',
        actor: { kind: 'operator', id: by.by },
        detail: { sha256, country: 'VN', notAfter: '2039-01-01T00:00:00.000Z' },
      });
    });

    test('one that was imported, or came by a list, does not vouch for our cards', async () => {
      expect(await here.store.importCertificate(vn.der, by)).toMatchObject({ done: true, notes: ['own_country'] });
      await expect(trusting(vn.signer(1), true)).rejects.toMatchObject({ code: 'csca.foreign' });
      await here.store.pinMasterListRoot(de.der, by);
      const list = de.masterList([vn.der, impostor.der, fr.der], '2026-02-01');
      expect(await here.store.importMasterList(list, by)).toMatchObject({
        done: true,
        came: 3,
        notes: ['own_country'],
      });
      await expect(trusting(vn.signer(1), true)).rejects.toMatchObject({ code: 'csca.foreign' });
    });

    test('beside a pinned one, no other of our country vouches for anything', async () => {
      await here.store.pinMasterListRoot(de.der, by);
      await here.store.importMasterList(de.masterList([vn.der, impostor.der], '2026-02-01'), by);
      await here.store.pinNational(vn.der, by);
      expect(await trusting(vn.signer(1), true)).toMatchObject({ national: true });
      for (const national of [true, false]) {
        await expect(trusting(impostor.signer(1), national)).rejects.toMatchObject({ code: 'dsc.signature' });
      }
    });

    test('neither a list nor an import takes a pin away', async () => {
      await here.store.pinNational(vn.der, by);
      await here.store.pinMasterListRoot(de.der, by);
      await here.store.importMasterList(de.masterList([vn.der, fr.der], '2026-02-01'), by);
      expect(await here.store.importCertificate(vn.der, by)).toMatchObject({ done: true, changed: false });
      expect(await here.store.importMasterList(de.masterList([fr.der], '2026-03-01'), by)).toMatchObject({ ended: [] });
      expect(await trusting(vn.signer(1), true)).toMatchObject({ national: true });
    });

    test.each([
      ['of another country', 'csca.foreign', () => de.der],
      ['that may issue further authorities', 'csca.constraints', () => aCountry('VN', { pathLength: 1 }).der],
      ['that may not issue', 'csca.constraints', () => aCountry('VN', { usages: ['crlSign'] }).der],
      ['that signs documents', 'csca.constraints', () => vn.signer(1)],
      ['that has ended', 'csca.validity', () => aCountry('VN', { notAfter: '2026-03-01' }).der],
      ['that was damaged', 'certificate.malformed', () => flipped(vn.der)],
      ['that is none', 'asn1.malformed', () => Buffer.from('not a certificate')],
    ])('a certificate %s is not pinned', async (_what, code, file) => {
      expect(await here.store.pinNational(file(), by)).toMatchObject({ done: false, refusal: { code } });
      expect(await counted()).toEqual([0, 0, 0, 0]);
      expect(await journalled()).toMatchObject([{ type: 'trust.refused', detail: { subject: 'national', code } }]);
    });

    test('the database itself refuses a national one without a name, and one by a list', async () => {
      await here.store.importCertificate(vn.der, by);
      const { sha256 } = parseCertificate(vn.der);
      const hash = Buffer.from(sha256, 'hex');
      const insert = (holder: string, pinnedBy: string | null) =>
        fresh.database.execute(sql`INSERT INTO trust_holdings (sha256, holder, national, test, pinned_by, since)
          VALUES (${hash}, ${holder}, true, true, ${pinnedBy}, now())`);
      await expect(insert('list DE', null)).rejects.toThrow('national_is_pinned_by_command');
      await expect(insert('list DE', 'Eve')).rejects.toThrow(/violates check constraint/);
      await expect(insert('root by command', 'Eve')).rejects.toThrow('national_is_pinned_by_command');
      await expect(
        fresh.database.execute(sql`UPDATE trust_holdings SET national = true, test = true, pinned_by = NULL`),
      ).rejects.toThrow(/violates check constraint/);
      await expect(fresh.database.execute(sql`UPDATE trust_certificates SET der = ${de.der}`)).rejects.toThrow();
      await expect(fresh.database.execute(sql`DELETE FROM trust_certificates`)).rejects.toThrow('not changed');
    });

    test('an operator without a name changes nothing', async () => {
      for (const name of ['', ' ', 'x', ' Minh', 'Minh\n', 'M'.repeat(101)]) {
        await expect(here.store.pinNational(vn.der, { by: name })).rejects.toThrow(RangeError);
      }
      expect(await counted()).toEqual([0, 0, 0, 0]);
    });
  });

  describe('master lists', () => {
    beforeEach(async () => {
      await here.store.pinMasterListRoot(de.der, by);
    });

    test('a root vouches for its list alone: not for documents', async () => {
      await expect(trusting(de.signer(1), false)).rejects.toMatchObject({ code: 'csca.unknown' });
    });

    test('what a list brings is trusted, and the journal has what it came to', async () => {
      const list = de.masterList([de.der, fr.der, ut.der], '2026-02-01');
      const made = await here.store.importMasterList(list, by);
      expect(made).toMatchObject({ done: true, changed: true, country: 'DE', certificates: 3, came: 3, ended: [] });
      for (const country of [de, fr, ut])
        expect(await trusting(country.signer(1), false)).toMatchObject({ national: false });
      const [entry] = await journalled();
      expect(entry).toMatchObject({
        type: 'trust.master_list_imported',
        actor: { id: by.by },
        detail: {
          ...{ publisher: 'DE', signedAt: '2026-02-01T00:00:00.000Z', certificates: 3, came: 3, ended: [], skipped: 0 },
          ...{ root: parseCertificate(de.der).sha256, sha256: made.done && made.sha256 },
        },
      });
    });

    test('what a newer list has no more is trusted no more, unless somebody else holds it', async () => {
      await here.store.importMasterList(de.masterList([de.der, fr.der, ut.der], '2026-02-01'), by);
      await here.store.importCertificate(ut.der, by);
      const made = await here.store.importMasterList(de.masterList([de.der], '2026-02-15'), by);
      const { sha256, subject } = parseCertificate(fr.der);
      expect(made).toMatchObject({ came: 0, ended: [{ sha256, subject: subject.text }] });
      await expect(trusting(fr.signer(1), false)).rejects.toMatchObject({ code: 'csca.unknown' });
      expect(await trusting(ut.signer(1), false)).toMatchObject({ national: false });
    });

    test('two publishers: one taking a certificate off does not end what the other holds', async () => {
      await here.store.pinMasterListRoot(ut.der, by);
      await here.store.importMasterList(de.masterList([fr.der], '2026-02-01'), by);
      await here.store.importMasterList(ut.masterList([fr.der], '2026-01-01'), by);
      expect(await here.store.importMasterList(de.masterList([de.der], '2026-02-15'), by)).toMatchObject({ ended: [] });
      expect(await trusting(fr.signer(1), false)).toMatchObject({ national: false });
      const ended = await here.store.importMasterList(ut.masterList([ut.der], '2026-02-16'), by);
      expect(ended).toMatchObject({ ended: [{ subject: expect.stringContaining('C=FR') }] });
      await expect(trusting(fr.signer(1), false)).rejects.toMatchObject({ code: 'csca.unknown' });
    });

    test('an older list is refused, and so is another one of the same moment; the same one again is no change', async () => {
      const list = de.masterList([fr.der], '2026-02-10');
      await here.store.importMasterList(list, by);
      const before = [await counted(), (await here.store.anchors()).version];
      for (const older of ['2026-02-09', '2026-02-10']) {
        const refused = await here.store.importMasterList(de.masterList([fr.der, ut.der], older), by);
        expect(refused).toMatchObject({ done: false, refusal: { code: 'masterlist.rollback' } });
      }
      expect(await here.store.importMasterList(list, by)).toMatchObject({ done: true, changed: false });
      expect([await counted(), (await here.store.anchors()).version]).toEqual(before);
      const types = (await journalled()).map(({ type }) => type);
      expect(types).toEqual(['trust.refused', 'trust.refused', 'trust.master_list_imported', 'trust.root_pinned']);
    });

    test('the database refuses an older list too, and keeps what was imported', async () => {
      await here.store.importMasterList(de.masterList([fr.der], '2026-02-10'), by);
      await expect(
        fresh.database.execute(sql`INSERT INTO master_list_imports
          SELECT publisher, signed_at - interval '1 day', sha256(sha256), root, signer, 1, imported_at, imported_by
          FROM master_list_imports`),
      ).rejects.toThrow('an older master list');
      await expect(fresh.database.execute(sql`DELETE FROM master_list_imports`)).rejects.toThrow('append-only');
    });

    test.each([
      ['under another root', 'masterlist.signer', () => ut.masterList([fr.der], '2026-02-01')],
      [
        'under a root of that name',
        'masterlist.signer',
        () => aCountry('DE', { keyName: '2' }).masterList([fr.der], '2026-02-01'),
      ],
      [
        'by a signer of something else',
        'masterlist.usage',
        () => de.masterList([fr.der], '2026-02-01', { usage: '1.2.3' }),
      ],
      ['of tomorrow', 'masterlist.malformed', () => de.masterList([fr.der], '2026-03-03')],
      [
        'of certificates that are none',
        'masterlist.malformed',
        () => de.masterList([Buffer.from('3003020100', 'hex')], '2026-02-01'),
      ],
      ['with a bit turned', 'masterlist.signer', () => flipped(de.masterList([fr.der], '2026-02-01'))],
      ['that is none', 'masterlist.malformed', () => Buffer.from('not a list')],
    ])('a list %s changes nothing and is journalled as refused', async (_what, code, list) => {
      const before = await counted();
      expect(await here.store.importMasterList(list(), by)).toMatchObject({ done: false, refusal: { code } });
      expect(await counted()).toEqual(before);
      expect((await journalled())[0]).toMatchObject({
        type: 'trust.refused',
        detail: { subject: 'master_list', code },
      });
    });

    test('one certificate that cannot be read is named, and keeps nobody else out', async () => {
      const list = de.masterList([fr.der, Buffer.from('3003020100', 'hex')], '2026-02-01');
      expect(await here.store.importMasterList(list, by)).toMatchObject({
        ...{ done: true, certificates: 1 },
        skipped: [{ code: 'certificate.malformed', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      });
    });

    test('what an operator removed no list brings back; an operator does', async () => {
      await here.store.importMasterList(de.masterList([fr.der, ut.der], '2026-02-01'), by);
      const { sha256 } = parseCertificate(fr.der);
      expect(await here.store.remove(sha256.slice(0, 12), by)).toMatchObject({ done: true, sha256 });
      await expect(trusting(fr.signer(1), false)).rejects.toMatchObject({ code: 'csca.unknown' });
      const again = await here.store.importMasterList(de.masterList([fr.der, ut.der], '2026-02-02'), by);
      expect(again).toMatchObject({ done: true, withheld: 1 });
      await expect(trusting(fr.signer(1), false)).rejects.toMatchObject({ code: 'csca.unknown' });
      await here.store.importCertificate(fr.der, by);
      expect(await trusting(fr.signer(1), false)).toMatchObject({ national: false });
    });

    test('with a root goes what its list has brought', async () => {
      await here.store.importMasterList(de.masterList([fr.der], '2026-02-01'), by);
      await here.store.remove(parseCertificate(de.der).sha256, by);
      await expect(trusting(fr.signer(1), false)).rejects.toMatchObject({ code: 'csca.unknown' });
      expect((await journalled())[0]).toMatchObject({ type: 'trust.certificate_removed', detail: { lists: ['DE'] } });
      const next = await here.store.importMasterList(de.masterList([fr.der], '2026-02-02'), by);
      expect(next).toMatchObject({ refusal: { code: 'masterlist.signer' } });
    });

    test.each(['', 'zz', '0123456', 'f'.repeat(65), '0'.repeat(64)])('“%s” removes nothing', async (typed) => {
      expect(await here.store.remove(typed, by)).toMatchObject({ done: false, refusal: { code: 'csca.unknown' } });
    });
  });

  describe('revocation lists', () => {
    beforeEach(async () => {
      await here.store.pinNational(vn.der, by);
    });

    test('without one no card of ours is believed; with one the revoked are not', async () => {
      await expect(revocation(vn, 7)).rejects.toMatchObject({ code: 'crl.missing' });
      expect(await here.store.warnings(clock.now())).toMatchObject([{ what: 'list_missing', blocking: true }]);
      const list = vn.revocationList(3, { revoked: [8] });
      expect(await here.store.importRevocationList(list, by)).toMatchObject({
        done: true,
        changed: true,
        country: 'VN',
      });
      expect(await revocation(vn, 7)).toMatchObject({ status: 'fresh', number: '3' });
      await expect(revocation(vn, 8)).rejects.toMatchObject({ code: 'dsc.revoked' });
      expect((await journalled())[0]).toMatchObject({
        type: 'trust.revocation_list_imported',
        detail: { country: 'VN', number: '3', revoked: 1, nextUpdate: '2026-05-30T00:00:00.000Z' },
      });
    });

    test('a lower number, an earlier moment, and another list of the same number are refused', async () => {
      await here.store.importRevocationList(vn.revocationList(5, { revoked: [8] }), by);
      for (const replayed of [
        vn.revocationList(4),
        vn.revocationList(5),
        vn.revocationList(6, { from: '2026-02-28' }),
      ]) {
        expect(await here.store.importRevocationList(replayed, by)).toMatchObject({
          refusal: { code: 'crl.rollback' },
        });
      }
      await expect(revocation(vn, 8)).rejects.toMatchObject({ code: 'dsc.revoked' });
      const same = await here.store.importRevocationList(vn.revocationList(5, { revoked: [8] }), by);
      expect(same).toMatchObject({ done: true, changed: false });
      expect(await here.store.importRevocationList(vn.revocationList(6), by)).toMatchObject({ changed: true });
    });

    test('the database refuses to go back too', async () => {
      await here.store.importRevocationList(vn.revocationList(5), by);
      await expect(fresh.database.execute(sql`UPDATE trust_revocation_lists SET number = 4`)).rejects.toThrow('older');
      await expect(fresh.database.execute(sql`DELETE FROM trust_revocation_lists`)).rejects.toThrow('older');
    });

    test.each([
      ['of an authority that nobody knows', 'csca.unknown', () => fr.revocationList(1)],
      ['of somebody with the name of ours', 'crl.signature', () => impostor.revocationList(1)],
      ['of tomorrow', 'crl.malformed', () => vn.revocationList(1, { from: '2026-03-03' })],
      ['that ends before it begins', 'crl.malformed', () => vn.revocationList(1, { until: '2026-02-01' })],
      ['with a bit turned', 'crl.signature', () => flipped(vn.revocationList(1))],
    ])('a list %s is refused', async (_what, code, list) => {
      expect(await here.store.importRevocationList(list(), by)).toMatchObject({ done: false, refusal: { code } });
      expect(await counted()).toEqual([1, 1, 0, 0]);
    });

    test('a list that an impostor of ours signed, before and after ours is pinned, hides nothing', async () => {
      await here.store.remove(parseCertificate(vn.der).sha256, by);
      await here.store.importCertificate(impostor.der, by);
      expect(await here.store.importRevocationList(impostor.revocationList(99), by)).toMatchObject({ changed: true });
      await here.store.pinNational(vn.der, by);
      await expect(revocation(vn, 8)).rejects.toMatchObject({ code: 'crl.missing' });
      await here.store.importRevocationList(vn.revocationList(1, { revoked: [8] }), by);
      await expect(revocation(vn, 8)).rejects.toMatchObject({ code: 'dsc.revoked' });
      expect(await here.store.importRevocationList(impostor.revocationList(100), by)).toMatchObject({ done: false });
    });

    test('some days after its next update a list fails closed, and warnings come before', async () => {
      const until = '2026-03-12T08:00:00Z';
      await here.store.importRevocationList(vn.revocationList(1, { until }), by);
      const told = async () => (await here.store.warnings(clock.now())).map(({ what, blocking }) => [what, blocking]);
      expect(await told()).toEqual([]);
      clock.advance(5 * 86_400);
      expect(await told()).toEqual([['list_due', false]]);
      clock.advance(12 * 86_400);
      expect(await told()).toEqual([['list_stale', false]]);
      expect(await revocation(vn, 7)).toMatchObject({ status: 'fresh' });
      clock.advance(1);
      await expect(revocation(vn, 7)).rejects.toMatchObject({ code: 'crl.stale' });
      expect(await told()).toEqual([['list_refused', true]]);
    });

    test('one past its next update is taken, since what it revokes is revoked, and said to be late', async () => {
      clock.advance(200 * 86_400);
      const list = vn.revocationList(1, { revoked: [8] });
      expect(await here.store.importRevocationList(list, by)).toMatchObject({
        done: true,
        notes: ['past_next_update'],
      });
      await expect(revocation(vn, 8)).rejects.toMatchObject({ code: 'dsc.revoked' });
      await expect(revocation(vn, 7)).rejects.toMatchObject({ code: 'crl.stale' });
    });
  });

  test('certificates that end within 90 and 30 days are warned of, and ended ones that an operator holds', async () => {
    await here.store.pinNational(aCountry('VN', { notAfter: '2026-05-20' }).der, by);
    await here.store.importCertificate(aCountry('FR', { notAfter: '2026-03-20' }).der, by);
    const told = async () =>
      (await here.store.warnings(clock.now()))
        .filter(({ what }) => what.startsWith('certificate'))
        .map(({ what, country, within }) => [what, country, within]);
    expect(await told()).toEqual([
      ['certificate_expires', 'FR', 30],
      ['certificate_expires', 'VN', 90],
    ]);
    clock.advance(60 * 86_400);
    expect(await told()).toEqual([
      ['certificate_expired', 'FR', undefined],
      ['certificate_expires', 'VN', 30],
    ]);
  });

  describe('in several processes', () => {
    test('what one changes the other sees within two seconds, without asking at every turn', async () => {
      const there = aTrustProcess(fresh.url, clock);
      try {
        const before = await there.store.anchors();
        const statements = there.database.statements;
        for (let n = 0; n < 50; n += 1) expect(await there.store.anchors()).toBe(before);
        expect(there.database.statements).toBe(statements);
        await here.store.pinNational(vn.der, by);
        const from = performance.now();
        await expect
          .poll(async () => (await there.store.anchors()).candidates(parseCertificate(vn.signer(1))).length, {
            ...{ interval: 50, timeout: 5_000 },
          })
          .toBe(1);
        expect(performance.now() - from).toBeLessThan(2_000);
      } finally {
        await there.end();
      }
    });

    test('imports at the same moment: the newest list is the one in use, and each is in the journal', async () => {
      const there = aTrustProcess(fresh.url, clock);
      try {
        await here.store.pinMasterListRoot(de.der, by);
        const lists = ['2026-02-03', '2026-02-01', '2026-02-04', '2026-02-02'].map((at) => de.masterList([fr.der], at));
        const made = await Promise.all(lists.map((list, n) => (n % 2 ? here : there).store.importMasterList(list, by)));
        const { masterLists } = await here.store.list();
        expect(masterLists).toMatchObject([{ publisher: 'DE', signedAt: new Date('2026-02-04') }]);
        const taken = made.filter(({ done }) => done).length;
        const types = (await journalled()).map(({ type }) => type);
        expect(types.filter((type) => type === 'trust.master_list_imported')).toHaveLength(taken);
        expect(types.filter((type) => type === 'trust.refused')).toHaveLength(4 - taken);
      } finally {
        await there.end();
      }
    });

    test('without the database nothing is trusted, and with it everything again', async () => {
      await here.store.pinNational(vn.der, by);
      const there = aTrustProcess(fresh.url.replace(/\/\/.*@[^/]+/, '//nobody@127.0.0.1:1'), clock);
      try {
        await expect(there.store.anchors()).rejects.toMatchObject({ code: 'trust.unavailable', status: 503 });
      } finally {
        await there.end();
      }
      expect((await here.store.anchors()).candidates(parseCertificate(vn.signer(1)))).toHaveLength(1);
      await fresh.database.execute(sql`ALTER TABLE trust_version RENAME TO away`);
      await eventually(() => here.store.anchors().catch(({ code }) => code)).toBe('trust.unavailable');
      await fresh.database.execute(sql`ALTER TABLE away RENAME TO trust_version`);
      await eventually(async () =>
        here.store.anchors().then(
          ({ candidates }) => candidates(parseCertificate(vn.signer(1))).length,
          () => 0,
        ),
      ).toBe(1);
    });
  });
});

/** The last bit turned: it belongs to the signature. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

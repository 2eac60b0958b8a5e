import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chosenGenerator, testKey } from '../../../../src/sandbox/cards/authority/keys.ts';
import { ecSigningKey, rsaSigningKey } from '../../../../src/sandbox/cards/authority/signing-key.ts';
import { createTestAuthority } from '../../../../src/sandbox/cards/authority/test-authority.ts';
import { cards, cardsOf, issuedCard, openCard, withdrawnDocuments } from '../../../../src/sandbox/cards/cards.ts';
import { chipOptions } from '../../../../src/sandbox/cards/chip-options.ts';
import { CARD_FAULTS } from '../../../../src/sandbox/cards/faults.ts';
import { PERSONAS } from '../../../../src/sandbox/personas.ts';
import { parseDg1, parseDg2, parseDg13, personalNumber } from '../../../../src/standards/icao9303/lds/index.ts';
import { NATIONAL_PROFILE, passiveAuthentication } from '../../../../src/standards/icao9303/passive-authentication.ts';
import { parseCertificate } from '../../../../src/standards/icao9303/pki/certificate.ts';
import { parseMasterList, verifyMasterList } from '../../../../src/standards/icao9303/pki/master-list.ts';
import { parseRevocationList, verifyRevocationList } from '../../../../src/standards/icao9303/pki/revocation-list.ts';
import { customCard, sandboxTrust } from '../../../support/virtual-card.ts';

const NOW = new Date('2026-03-02T08:00:00Z');

describe('the test authority', () => {
  test('makes the same bytes every time, so that all processes of a sandbox agree', () => {
    const [one, other] = [createTestAuthority(), createTestAuthority()];
    expect(one.certificate('national')).toEqual(other.certificate('national'));
    expect(one.signer('national').certificate).toEqual(other.signer('national').certificate);
    expect(one.revocationList('national', NOW)).toEqual(other.revocationList('national', NOW));
    expect(one.masterList(NOW)).toEqual(other.masterList(NOW));
    // Pinned: whoever changes it makes every running sandbox distrust the cards of the next one.
    const fingerprint = createHash('sha256').update(one.certificate('national')).digest('hex');
    expect(fingerprint).toBe('3ae52a20389630f5c8b6bb8c2219aad56ca4c1a5d2549162f8b5da6d40868b5c');
  });

  test('has certificates that OpenSSL believes too, and that say TEST', () => {
    const authority = createTestAuthority();
    const root = new X509Certificate(authority.certificate('national'));
    expect(root.verify(root.publicKey)).toBe(true);
    expect(root.subject).toContain('TEST');
    expect(new X509Certificate(authority.signer('national').certificate).verify(root.publicKey)).toBe(true);
    expect(new X509Certificate(authority.signer('forged').certificate).verify(root.publicKey)).toBe(false);
  });

  test('lists what it revoked, numbered upwards by days', async () => {
    const authority = createTestAuthority();
    const root = parseCertificate(authority.certificate('national'));
    const today = parseRevocationList(authority.revocationList('national', NOW));
    const tomorrow = parseRevocationList(authority.revocationList('national', new Date(NOW.getTime() + 86_400_000)));
    await verifyRevocationList(today, root);
    expect(tomorrow.number).toBe(today.number + 1n);
    expect(today.revoked).toEqual(new Set([parseCertificate(authority.signer('revoked').certificate).serial]));
    expect(today.nextUpdate > NOW && today.thisUpdate <= NOW).toBe(true);
  });

  test('signs a master list of the authorities', async () => {
    const authority = createTestAuthority();
    const root = parseCertificate(authority.certificate('national'));
    const verified = await verifyMasterList(parseMasterList(authority.masterList(NOW)), { root, now: NOW });
    expect(verified.certificates).toHaveLength(2);
  });

  test('knows a key whose public half is another’s, under a generator of its choice', () => {
    const true_ = testKey('somebody', 'P-384');
    const false_ = chosenGenerator(true_);
    expect(false_.point.equals(true_.point)).toBe(true);
    expect(false_.secret).not.toBe(true_.secret);
    expect(false_.generator.multiply(false_.secret).equals(true_.point)).toBe(true);
    expect(ecSigningKey(false_, 'explicit').publicKey).not.toEqual(ecSigningKey(true_, 'explicit').publicKey);
  });

  test.each([
    ['PKCS #1', false],
    ['PSS', true],
  ])('signs with RSA %s where a test brings the key', async (_, pss) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signer = createTestAuthority().signerWith(rsaSigningKey(privateKey, publicKey, pss));
    const { files } = customCard(chipOptions('097190000002', 1, 'P-256'), { signer });
    const report = await passiveAuthentication({
      sod: files.SOD!,
      dataGroups: new Map([[1, files.DG1!]]),
      trust: await sandboxTrust(NOW),
      profile: NATIONAL_PROFILE,
      now: NOW,
    });
    expect(report.covered).toEqual([1]);
  });
});

describe('the cards of the personas', () => {
  test('everybody with a chip among their evidence has a genuine card, and all but two every faulty one', () => {
    for (const { id, evidence } of PERSONAS) {
      const faults = cardsOf(id).map(({ fault }) => fault);
      if (evidence === 'passport') expect(faults).toEqual([]);
      else if (id === 'expired-card') expect(faults).toEqual(['expired-card']);
      else if (id === 'revoked-card') expect(faults).toEqual(['withdrawn-card']);
      else if (evidence) expect(faults).toEqual([undefined, ...CARD_FAULTS]);
      else expect(faults).toEqual([undefined]);
    }
  });

  test('every card has a number of its own name, a label in both languages and an expectation', () => {
    const all = cards();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { label, documentNumber, fault, expected } of all) {
      expect(label.vi).toBe(label.vi.normalize('NFC'));
      expect(label.vi.length > 5 && label.en.length > 5 && label.vi !== label.en).toBe(true);
      expect(documentNumber).toMatch(/^[A-Z0-9]{9}$/);
      expect(expected === 'accepted').toBe(fault === undefined);
    }
  });

  test('hold what the persona is', () => {
    for (const { id, identityNumber, person } of PERSONAS.filter(({ id }) => cardsOf(id)[0]?.fault === undefined)) {
      const genuine = issuedCard(`${id}.genuine`);
      if (!genuine) continue;
      const mrz = parseDg1(genuine.files.DG1!, NOW);
      expect(personalNumber(mrz)).toBe(identityNumber);
      expect(mrz.birthDate).toBe(person.birthdate);
      expect(parseDg13(genuine.files.DG13!).fullName).toBe(person.fullName);
      expect(parseDg2(genuine.files.DG2!)).toBeTruthy();
      expect(genuine.documentNumber).toBe(cardsOf(id)[0]!.documentNumber);
    }
  });

  test('the authority withdraws no card that is good', () => {
    const good = cards().filter(({ expected }) => expected === 'accepted');
    const withdrawn = withdrawnDocuments();
    expect(withdrawn.length).toBeGreaterThan(5);
    expect(good.filter(({ documentNumber }) => withdrawn.includes(documentNumber))).toEqual([]);
    expect(new Set(withdrawn).size).toBe(withdrawn.length);
  });

  test('a former card has another number than the one that somebody has now, and says it on its chip', () => {
    const former = cards().filter(({ fault }) => fault === 'expired-card' || fault === 'withdrawn-card');
    const beside = former.filter(({ personaId }) => cardsOf(personaId).length > 1);
    expect(beside.length).toBeGreaterThan(10);
    for (const { id, personaId, documentNumber } of beside) {
      expect(documentNumber).not.toBe(cardsOf(personaId)[0]!.documentNumber);
      expect(issuedCard(id)!.documentNumber).toBe(documentNumber);
    }
    expect(new Set(beside.map(({ documentNumber }) => documentNumber)).size).toBe(beside.length);
  });

  test('a card that nobody has is none', () => {
    expect(openCard('nobody.genuine', { random: (octets) => Buffer.alloc(octets) })).toBeUndefined();
    expect(issuedCard('__proto__')).toBeUndefined();
  });
});

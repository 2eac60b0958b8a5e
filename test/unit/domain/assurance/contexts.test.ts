import { describe, expect, it } from 'vitest';
import {
  ASSURANCE_POLICY,
  createAssuranceContexts,
  describeContexts,
  isContextName,
  policyNamed,
} from '../../../../src/domain/assurance/index.ts';
import { acr, contexts, NOW } from './proofs.ts';

const sandbox = createAssuranceContexts({ issuer: 'http://localhost:3000', sandbox: true });

describe('acr values are pages', () => {
  it('there are eight pairs and two named contexts, the easiest first', () => {
    expect(contexts.supported.map((uri) => uri.slice('https://id.example/assurance/'.length))).toEqual([
      'level-1',
      'level-2',
      '1.1',
      '1.2',
      '1.3',
      '1.4',
      '2.1',
      '2.2',
      '2.3',
      '2.4',
    ]);
  });
  it('in the sandbox they stand under test, and neither side knows the values of the other', () => {
    expect(sandbox.acr('2.2')).toBe('http://localhost:3000/assurance/test/2.2');
    const both = { issuer: 'https://id.example' };
    const real = createAssuranceContexts({ ...both, sandbox: false });
    const test = createAssuranceContexts({ ...both, sandbox: true });
    for (const uri of real.supported) expect(test.parse(uri)).toBeUndefined();
    for (const uri of test.supported) expect(real.parse(uri)).toBeUndefined();
  });
  it('every supported value is parsed back to its name', () => {
    for (const uri of sandbox.supported) {
      const context = sandbox.parse(uri)!;
      expect(sandbox.acr(context.name)).toBe(uri);
      expect(context.value).toBe(uri);
    }
    expect(contexts.acr({ accountLevel: 2, authenticationLevel: 3 })).toBe(acr('2.3'));
  });
  it('level-1 is 1.1; level-2 is 2.2 and a strong proof', () => {
    expect(contexts.parse(acr('level-1'))!.requires).toEqual(contexts.parse(acr('1.1'))!.requires);
    expect(contexts.parse(acr('level-2'))!.requires).toEqual({
      ...contexts.parse(acr('2.2'))!.requires,
      strong: true,
    });
  });
  it('nothing else is a context', () => {
    const base = 'https://id.example/assurance/';
    for (const word of ['', '0.1', '3.1', '1.5', '2.2/', 'level-3', ' 2.2', '2.2#', '__proto__', 'constructor']) {
      expect(contexts.parse(base + word)).toBeUndefined();
      expect(contexts.parse(word)).toBeUndefined();
    }
    expect(contexts.parse('2.2')).toBeUndefined();
    expect(contexts.parse('https://other.example/assurance/2.2')).toBeUndefined();
  });
  it('a trailing slash of the issuer changes nothing', () => {
    expect(createAssuranceContexts({ issuer: 'https://id.example/', sandbox: false }).acr('1.1')).toBe(acr('1.1'));
  });
  it('old names are known only through a client’s map, answered as written, and cannot change ours', () => {
    const legacy = contexts.withLegacy({ LoA1: '1.1', LoA2: acr('level-2'), bad: '9.9', [acr('2.4')]: '1.1' });
    expect(contexts.parse('LoA1')).toBeUndefined();
    expect(legacy.parse('LoA1')).toMatchObject({ name: '1.1', value: 'LoA1' });
    expect(legacy.parse('LoA2')).toMatchObject({ name: 'level-2', value: 'LoA2', requires: { strong: true } });
    expect(legacy.parse('bad')).toBeUndefined();
    expect(legacy.parse(acr('2.4'))!.requires.authenticationLevel).toBe(4);
    expect(contexts.withLegacy(undefined).parse('LoA1')).toBeUndefined();
    expect(isContextName('level-2') && !isContextName('LoA2')).toBe(true);
  });
});

describe('the pages behind them', () => {
  const pages = describeContexts(sandbox, { now: NOW, policy: ASSURANCE_POLICY });
  const page = (name: string) => pages.find((one) => one.name === name)!;
  it('each supported value has one, and says that it is a test value', () => {
    expect(pages.map((one) => one.acr)).toEqual(sandbox.supported);
    expect(pages.every((one) => one.test)).toBe(true);
    expect(describeContexts(contexts, { now: NOW, policy: ASSURANCE_POLICY }).some((one) => one.test)).toBe(false);
  });
  it('each names what reaches it, computed from the policy', () => {
    expect(page('2.2').reached_by).toContainEqual(['password', 'sms-code']);
    expect(page('2.2').reached_by).toContainEqual(['passkey.user-verified']);
    expect(page('level-2').reached_by).not.toContainEqual(['password', 'sms-code']);
    expect(page('2.3').reached_by).toContainEqual(['chip.genuine', 'face']);
    expect(page('2.4').reached_by).toContainEqual(['password', 'chip.genuine', 'face']);
    expect(page('2.4').reached_by.flat()).not.toContain('sms-code');
    for (const { reached_by, clauses } of pages) {
      expect(reached_by.length).toBeGreaterThan(0);
      expect(clauses.length).toBeGreaterThan(0);
    }
  });
  it('3 and 4 say how old a proof may be', () => {
    expect(pages.filter((one) => one.proof_max_age === 900).map((one) => one.name)).toEqual([
      '1.3',
      '1.4',
      '2.3',
      '2.4',
    ]);
  });
  it('none names how old a proof may be where no row says so, and each its rows with clause and source', () => {
    expect('proof_max_age' in page('2.2')).toBe(false);
    const { clauses } = page('level-2');
    expect(clauses.map(({ row }) => row)).toEqual([
      ...['level-2.two-factors', 'level-2.passkey', 'strong.passkey', 'strong.chip', 'strong.face'],
    ]);
    const row = ASSURANCE_POLICY.combinations.find(({ id }) => id === 'strong.chip')!;
    expect(clauses[3]).toEqual({ row: 'strong.chip', clause: row.clause, source: row.source });
  });
  it('each says what it asks for, by which version', () => {
    const asked = pages.map((one) => [one.name, one.account_level, one.authentication_level, one.strong_proof]);
    expect(asked).toEqual([
      ['level-1', 1, 1, false],
      ['level-2', 2, 2, true],
      ...([1, 2] as const).flatMap((account) =>
        [1, 2, 3, 4].map((level) => [`${account}.${level}`, account, level, false]),
      ),
    ]);
    for (const { phishing_resistant, policy } of pages)
      expect([phishing_resistant, policy]).toEqual([false, ASSURANCE_POLICY.version]);
  });
  it('a short password and a code by e-mail are shown as what they are', () => {
    expect(page('1.1').reached_by).not.toContainEqual(['password.short']);
    expect(page('1.2').reached_by).toContainEqual(['password.short', 'totp']);
    const worth = ASSURANCE_POLICY.worth.map((row) =>
      row.id === 'sms-code' ? { ...row, id: 'mail-code', proof: { ...row.proof, channel: 'email' as const } } : row,
    );
    const posted = describeContexts(contexts, { now: NOW, policy: { ...ASSURANCE_POLICY, worth } });
    expect(posted.find(({ name }) => name === '1.2')!.reached_by).toContainEqual(['password', 'mail-code']);
  });
  it('a row is shown by a proof that it is about, and by no better one', () => {
    const worth = ASSURANCE_POLICY.worth.map((row) =>
      row.id === 'chip.passive' ? { ...row, worth: ['knowledge' as const] } : row,
    );
    const pages = describeContexts(contexts, { now: NOW, policy: { ...ASSURANCE_POLICY, worth } });
    expect(pages.find(({ name }) => name === '2.2')!.reached_by).toContainEqual(['totp', 'chip.passive']);
  });
});

describe('a policy has an address (issue 6 §4)', () => {
  const hash = 'RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o';
  it('with its version and its hash, below the addresses of the levels', () => {
    expect(contexts.policy({ version: '2026-01-01', hash })).toBe(
      `https://id.example/assurance/policy/2026-01-01/sha256-${hash}`,
    );
    expect(sandbox.policy({ version: '2026-01-01.2' })).toBe(
      'http://localhost:3000/assurance/test/policy/2026-01-01.2',
    );
  });
  it('out of which both are read again; what is only a version is that', () => {
    for (const one of [{ version: '2026-01-01', hash }, { version: '2026-01-01.2' }]) {
      expect(policyNamed(contexts.policy(one))).toEqual(one);
      expect(policyNamed(sandbox.policy(one))).toEqual(one);
    }
    expect(policyNamed('2026-01-01')).toEqual({ version: '2026-01-01' });
    expect('hash' in policyNamed('2026-01-01')).toBe(false);
  });
});

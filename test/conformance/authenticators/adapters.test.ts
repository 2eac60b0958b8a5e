import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { AMR_VALUES, ASSURANCE_POLICY } from '../../../src/domain/assurance/index.ts';
import type { AnyAdapter, Bound } from '../../../src/domain/authenticators/adapter.ts';
import { type BindableKind, createCatalogue } from '../../../src/domain/authenticators/catalogue.ts';
import { createHashingPool } from '../../../src/platform/hashing-pool.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { aBinder, RP } from '../../support/authenticators.ts';
import { fixedClock } from '../../support/clock.ts';
import { sandboxExaminer } from '../../support/examiner.ts';
import { sandboxFaces } from '../../support/faces.ts';
import { type Claimant, claimants, frozen, stored } from './claimants.ts';

const catalogue = createCatalogue({
  hashing: createHashingPool({ slots: 2, queue: 1_000, patience: 60_000 }),
  relyingPartyId: RP.rpId,
  relyingPartyName: 'SenID',
  origin: RP.origin,
  sealer: createSealer(new Secret(Buffer.alloc(32, 7)), 'authenticators'),
  examineCard: sandboxExaminer(fixedClock()).examine,
  stands: async () => true,
  holdsPassport: async () => true,
  faces: sandboxFaces(async (id) => id).faces,
});
const kinds = Object.keys(catalogue) as BindableKind[];

test('the suite sees every adapter', () => {
  expect(kinds.sort()).toEqual(Object.keys(claimants).sort());
});

describe.each(kinds)('the adapter %s', (kind) => {
  const adapter: AnyAdapter = catalogue[kind];
  const clock = fixedClock();
  let claimant: Claimant;
  let bound: Bound<unknown>;

  const bind = async (who: Claimant) => {
    const binder = { ...aBinder(numberOf(who)), handle: randomBytes(32), alone: true };
    const { expected, request, message } = await adapter.challengeToBind(binder, [], randomBytes);
    const response = adapter.responseToBind.parse(await who.toBind({ request, message, now: clock.now() }));
    const verdict = await adapter.bind(stored(adapter.expected, expected), frozen(response), clock.now());
    if (!verdict.verified) throw new Error(`not bound: ${verdict.reason}`);
    return stored(adapter.binding, verdict.binding);
  };
  const ask = async (of: readonly Bound<unknown>[] = [bound]) => {
    clock.advance(60);
    const { expected, request, message } = await adapter.challenge(of, randomBytes, 'vi');
    return { expected: stored(adapter.expected, expected), asked: { request, message, now: clock.now() } };
  };
  beforeAll(async () => {
    claimant = claimants[kind]();
    bound = { id: 'the-authenticator', binding: await bind(claimant) };
  });

  test('says what it is worth as the policy does', () => {
    const best = { kind, ...(kind === 'passkey' ? { userVerified: true } : {}) };
    const row = ASSURANCE_POLICY.worth.find(
      ({ proof }) => proof.kind === kind && Object.entries(best).every(([name, is]) => proof[name as 'kind'] === is),
    );
    expect(row).toBeDefined();
    expect(adapter.factors.includes('know')).toBe(row?.worth.includes('knowledge'));
    expect(adapter.factors.includes('have')).toBe(row?.worth.includes('possession'));
    expect(adapter.factors.includes('are')).toBe(row?.worth.includes('biometric'));
    expect(adapter.phishingResistant).toBe(row?.worth.includes('phishing-resistance'));
    const values = AMR_VALUES.filter(({ proof }) => proof.kind === kind).map(({ value }) => value);
    expect(values).toEqual(expect.arrayContaining([...adapter.amr]));
    expect(adapter.kind).toBe(kind);
  });

  test('binds, and what it keeps survives storage', async () => {
    expect(adapter.binding.parse(bound.binding)).toEqual(bound.binding);
  });

  test('accepts the right answer and nothing near it', async () => {
    const { expected, asked } = await ask();
    const right = adapter.response.parse(await claimant.right(asked));
    const wrong = adapter.response.parse(await claimant.wrong(asked));
    const refused = await adapter.verify(frozen(bound), expected, frozen(wrong), asked.now);
    expect(refused).toMatchObject({ verified: false });
    const verdict = await adapter.verify(frozen(bound), expected, frozen(right), asked.now);
    expect(verdict).toMatchObject({ verified: true, used: { id: bound.id } });
    if (verdict.verified) bound = { id: bound.id, binding: stored(adapter.binding, verdict.used.binding) };
  });

  test('a right answer to another challenge, or for another authenticator, is wrong', async () => {
    const other = claimants[kind]();
    const others = { id: 'another', binding: await bind(other) };
    const [mine, theirs] = [await ask(), await ask([others])];
    // The same password may be bound twice; nothing else may.
    if (kind === 'password') return;
    const given = adapter.response.parse(await other.right(theirs.asked));
    expect(await adapter.verify(bound, mine.expected, given, theirs.asked.now)).toMatchObject({ verified: false });
  });

  test('has a verdict for whatever passes its schema, and its schema for whatever comes', async () => {
    // Where nobody has to be named nobody is: then every part of the answer counts.
    const { expected, asked } = await ask(adapter.locate ? [] : [bound]);
    const right = (await claimant.right(asked)) as Record<string, unknown>;
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.base64String({ maxLength: 400 }).map((text) => text.replace(/[+/=]/g, '_')),
      fc.stringMatching(/^[0-9]{4,8}$/),
    );
    const near = fc.tuple(fc.constantFrom(...paths(right)), word).map(([path, value]) => changed(right, path, value));
    // Hashing takes time: fewer runs where each is a real hash.
    const numRuns = kind === 'password' ? 40 : 400;
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.jsonValue(), fc.anything()), async (response) => {
        const parsed = adapter.response.safeParse(response);
        if (!parsed.success) return;
        const before = JSON.stringify(bound);
        const verdict = await adapter.verify(bound, expected, parsed.data, asked.now);
        expect(typeof verdict.verified).toBe('boolean');
        if (verdict.verified) expect(parsed.data).toEqual(adapter.response.parse(right));
        expect(JSON.stringify(bound)).toBe(before);
      }),
      { numRuns },
    );
  });

  test('has a verdict for whatever is sent to bind', async () => {
    const fresh = claimants[kind]();
    const binder = { ...aBinder(numberOf(fresh)), handle: randomBytes(32), alone: true };
    const { expected, request, message } = await adapter.challengeToBind(binder, [], randomBytes);
    const right = (await fresh.toBind({ request, message, now: clock.now() })) as Record<string, unknown>;
    const near = fc
      .tuple(fc.constantFrom(...paths(right)), fc.string({ unit: 'binary', maxLength: 60 }))
      .map(([path, value]) => changed(right, path, value));
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.jsonValue()), async (response) => {
        const parsed = adapter.responseToBind.safeParse(response);
        if (!parsed.success) return;
        const verdict = await adapter.bind(expected, parsed.data, clock.now());
        expect(typeof verdict.verified).toBe('boolean');
      }),
      { numRuns: 60 },
    );
  });

  test('a decoy looks the same each time and is never verified', async () => {
    const [seed, other] = [randomBytes(32), randomBytes(32)];
    const decoy = adapter.decoy(seed);
    expect(adapter.decoy(seed)).toEqual(decoy);
    expect(stored(adapter.binding, decoy.binding)).toEqual(decoy.binding);
    if (adapter.challenged.toVerify) {
      const looks = (one: Bound<unknown>) => adapter.challenge([one], () => Buffer.alloc(32, 1), 'vi');
      expect((await looks(decoy)).request).toEqual((await looks(adapter.decoy(seed))).request);
      // What is asked of a card or a face says nothing about whose it is.
      if (kind !== 'chip-card' && kind !== 'face') {
        expect((await looks(adapter.decoy(other))).request).not.toEqual((await looks(decoy)).request);
      }
    }
    if (kind === 'message-otp') return; // The code goes nowhere, so there is no right answer.
    const { expected, asked } = await ask();
    const right = adapter.response.parse(await claimant.right(asked));
    expect(await adapter.verify(decoy, expected, right, asked.now)).toMatchObject({ verified: false });
  });
});

const numberOf = ({ identityNumber }: Claimant) => (identityNumber ? { identityNumber, id: identityNumber } : {});

/** The paths to every string and every file in a response. */
function paths(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => paths(part, [...path, key]));
}

function changed(value: unknown, [key, ...rest]: readonly string[], to: string): unknown {
  if (key === undefined) return Buffer.isBuffer(value) ? Buffer.from(to) : to;
  const object = value as Record<string, unknown>;
  return { ...object, [key]: changed(object[key], rest, to) };
}

import { describe, expect, test } from 'vitest';
import { entryHash, GENESIS } from '../../../../src/domain/audit/chain.ts';
import { checkpointKey } from '../../../../src/domain/audit/checkpoint.ts';
import { Secret } from '../../../../src/platform/secret.ts';
import { canonicalJson } from '../../../../src/standards/canonical-json.ts';

const entry = {
  sequence: 1,
  at: new Date('2026-03-02T08:00:00.000Z'),
  type: 'session.started' as const,
  actorKind: 'subscriber',
  actorId: 'a',
  subscriberId: null,
  clientId: null,
  detail: { kinds: ['password', 'totp'], level: 2 },
};

describe('canonical JSON (RFC 8785)', () => {
  test('sorts members by UTF-16 code units, at every depth', () => {
    // The example of §3.2.3.
    const example = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const values = [...canonicalJson(example).matchAll(/:"([^"]+)"/g)].map(([, value]) => value);
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
    expect(canonicalJson({ b: { d: [1, null, true], c: '"' }, a: 1e21 })).toBe(
      '{"a":1e+21,"b":{"c":"\\"","d":[1,null,true]}}',
    );
  });
});

describe('the hash of an entry', () => {
  test('does not depend on the order in which members were written', () => {
    const turned = { ...entry, detail: { level: 2, kinds: ['password', 'totp'] } };
    expect(entryHash(GENESIS, turned)).toEqual(entryHash(GENESIS, entry));
  });

  test.each([
    ['sequence', { sequence: 2 }],
    ['time', { at: new Date('2026-03-02T08:00:00.001Z') }],
    ['type', { type: 'session.ended' as const }],
    ['actor', { actorKind: 'operator' }],
    ['actor id', { actorId: null }],
    ['subscriber', { subscriberId: 'b' }],
    ['client', { clientId: 'c' }],
    ['detail', { detail: { kinds: ['password'], level: 2 } }],
  ])('changes with its %s', (_, change) => {
    expect(entryHash(GENESIS, { ...entry, ...change })).not.toEqual(entryHash(GENESIS, entry));
  });

  test('changes with the entry before', () => {
    expect(entryHash(Buffer.alloc(32, 1), entry)).not.toEqual(entryHash(GENESIS, entry));
  });
});

describe('a checkpoint', () => {
  const key = checkpointKey(new Secret(Buffer.alloc(32, 7)));
  const checkpoint = key.sign(17, Buffer.alloc(32, 1), entry.at);

  test('is genuine for the installation that signed it, after a restart too', () => {
    expect(checkpointKey(new Secret(Buffer.alloc(32, 7))).genuine(checkpoint)).toBe(true);
    expect(checkpointKey(new Secret(Buffer.alloc(32, 8))).genuine(checkpoint)).toBe(false);
  });

  test('is forged once its number, hash, time or signature is another', () => {
    expect(key.genuine({ ...checkpoint, sequence: 18 })).toBe(false);
    expect(key.genuine({ ...checkpoint, hash: Buffer.alloc(32, 2) })).toBe(false);
    expect(key.genuine({ ...checkpoint, at: new Date(0) })).toBe(false);
    expect(key.genuine({ ...checkpoint, signature: Buffer.alloc(64) })).toBe(false);
    expect(key.genuine({ ...checkpoint, signature: Buffer.alloc(0) })).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { isPlainAttestation } from '../../../../src/domain/authenticators/adapters/attestation.ts';
import { type CborValue, cbor } from '../../../support/cbor.ts';

const authData = new Uint8Array(200);
const object = (fmt: string, statement: [string, CborValue][], more: [string, CborValue][] = []): Buffer =>
  cbor(new Map<CborValue, CborValue>([['fmt', fmt], ['attStmt', new Map(statement)], ['authData', authData], ...more]));

test('only attestations without certificates are plain', () => {
  expect(isPlainAttestation(object('none', []))).toBe(true);
  expect(
    isPlainAttestation(
      object('packed', [
        ['alg', -7],
        ['sig', authData],
      ]),
    ),
  ).toBe(true);
  expect(
    isPlainAttestation(
      object('packed', [
        ['alg', -7],
        ['sig', authData],
        ['x5c', authData],
      ]),
    ),
  ).toBe(false);
  expect(isPlainAttestation(object('none', [['x5c', authData]]))).toBe(false);
  expect(
    isPlainAttestation(
      object('fido-u2f', [
        ['sig', authData],
        ['x5c', authData],
      ]),
    ),
  ).toBe(false);
  for (const format of ['tpm', 'apple', 'android-key', 'android-safetynet', 'compound', '']) {
    expect(isPlainAttestation(object(format, []))).toBe(false);
  }
});

test('keys may come in any order, but each once, with nothing behind', () => {
  const members: [CborValue, CborValue][] = [
    ['authData', authData],
    ['attStmt', new Map()],
    ['fmt', 'none'],
  ];
  expect(isPlainAttestation(cbor(new Map(members)))).toBe(true);
  expect(isPlainAttestation(object('none', [], [['more', 1]]))).toBe(false);
  expect(isPlainAttestation(Buffer.concat([object('none', []), Buffer.of(0)]))).toBe(false);
  const twice = Buffer.concat([Buffer.of(0xa4), object('none', []).subarray(1), cbor('fmt'), cbor('packed')]);
  expect(isPlainAttestation(twice)).toBe(false);
});

test('what is no attestation is not plain', () => {
  for (const bytes of [
    '',
    'a3',
    'ff',
    'bf63666d74646e6f6e65ff',
    '9f',
    'a363666d747f646e6f6e65ff',
    '5bffffffffffffffff',
  ]) {
    expect(isPlainAttestation(Buffer.from(bytes, 'hex'))).toBe(false);
  }
});

import { describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';

const sealer = createSealer(new Secret(Buffer.alloc(32, 7)), 'test');

describe('sealed values', () => {
  test('open in their own context alone, and as they were sealed', () => {
    const sealed = sealer.seal('Trần Thị Bình', 'row 1');
    expect(sealer.open(sealed, 'row 1')).toBe('Trần Thị Bình');
    expect(() => sealer.open(sealed, 'row 2')).toThrow();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => sealer.open(changed, 'row 1'), String(at)).toThrow();
    }
  });

  test('whose tag is cut short open nothing, whatever is left of it', () => {
    const sealed = sealer.seal('', 'row 1');
    for (const length of [4, 8, 12, 15]) expect(() => sealer.open(sealed.subarray(0, 13 + length), 'row 1')).toThrow();
    expect(sealer.open(sealed, 'row 1')).toBe('');
  });

  test('as text have one spelling: another last figure of the same bytes, padding and a space are not it', () => {
    // 29 bytes before the words: with one or two more than a multiple of three, the last figure has bits that say nothing.
    for (const plain of ['12', '123']) {
      const text = sealer.sealText(plain, 'page');
      expect(sealer.openText(text, 'page')).toBe(plain);
      const bytes = Buffer.from(text, 'base64url');
      const figures = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const others = [...figures].map((figure) => text.slice(0, -1) + figure).filter((other) => other !== text);
      const alike = others.filter((other) => Buffer.from(other, 'base64url').equals(bytes));
      expect(alike.length).toBe(plain.length === 2 ? 15 : 3);
      for (const other of [...others, `${text}=`, `${text} `, ` ${text}`, bytes.toString('base64')])
        expect(() => sealer.openText(other, 'page'), other).toThrow();
    }
  });
});

import { describe, expect, test } from 'vitest';
import { createShares } from '../../../src/jobs/shares.ts';

const division = { each: 4, slowAfter: 1, slow: 2 };
const roomsOf = (shares: ReturnType<typeof createShares>) => Object.fromEntries(shares.rooms());

describe('the room that is left for a receiver', () => {
  test('is what its own messages under way leave of it', () => {
    const shares = createShares(division);
    for (let n = 0; n < 3; n += 1) shares.begin('bank');
    shares.begin('hotel');
    expect(roomsOf(shares)).toEqual({ bank: 1, hotel: 3 });
    shares.begin('bank');
    expect(roomsOf(shares)).toEqual({ bank: 0, hotel: 3 });
    for (let n = 0; n < 4; n += 1) shares.end('bank', 0.1);
    shares.end('hotel', 0.1);
    expect(roomsOf(shares), 'nobody is remembered who is quick').toEqual({});
  });

  test('is one message once it was slow, and all of it again once it is quick', () => {
    const shares = createShares(division);
    shares.begin('bank');
    shares.end('bank', 2.5);
    expect(roomsOf(shares)).toEqual({ bank: 1 });
    shares.begin('bank');
    expect(roomsOf(shares)).toEqual({ bank: 0 });
    shares.end('bank', 0.2);
    expect(roomsOf(shares)).toEqual({});
  });

  test('is nothing for a slow one while the slow have all that is theirs; then they take turns', () => {
    const shares = createShares(division);
    for (const name of ['a', 'b', 'c']) {
      shares.begin(name);
      shares.end(name, 2.5);
    }
    expect(roomsOf(shares)).toEqual({ a: 1, b: 1, c: 0 });
    shares.begin('a');
    expect(roomsOf(shares)).toEqual({ a: 0, b: 1, c: 0 });
    shares.begin('b');
    expect(roomsOf(shares)).toEqual({ a: 0, b: 0, c: 0 });
    shares.end('a', 2.5);
    expect(roomsOf(shares), 'who waited longest is next').toEqual({ a: 0, b: 0, c: 1 });
  });

  test('counts what a receiver had under way before it was known to be slow', () => {
    const shares = createShares(division);
    for (let n = 0; n < 3; n += 1) shares.begin('a');
    shares.end('a', 2.5);
    shares.begin('b');
    shares.end('b', 2.5);
    expect(roomsOf(shares)).toEqual({ a: 0, b: 0 });
  });
});

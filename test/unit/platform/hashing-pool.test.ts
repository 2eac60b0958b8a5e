import { describe, expect, test } from 'vitest';
import { createHashingPool } from '../../../src/platform/hashing-pool.ts';

describe('the hashing pool', () => {
  test('runs as many at a time as it has slots, and turns away what does not fit its queue', async () => {
    const pool = createHashingPool({ slots: 2, queue: 3 });
    const hashes = Array.from({ length: 20 }, () => pool.hash('a password'));
    expect(pool.load).toMatchObject({ running: 2, waiting: 3 });
    expect(pool.full).toBe(true);
    const made = await Promise.all(hashes);
    expect(made.filter((phc) => phc !== undefined)).toHaveLength(5);
    expect(pool.load).toEqual({ running: 0, waiting: 0, refused: 15 });
    expect(pool.full).toBe(false);
  });

  test('does not keep anybody waiting for ever', async () => {
    const pool = createHashingPool({ slots: 1, queue: 100, patience: 5 });
    const made = await Promise.all(Array.from({ length: 40 }, () => pool.hash('a password')));
    expect(made.filter((phc) => phc === undefined).length).toBeGreaterThan(10);
    expect(await pool.hash('another')).toMatch(/^\$argon2id\$/);
  });

  test('gives its slot back after a fault', async () => {
    const pool = createHashingPool({ slots: 1 });
    for (let n = 0; n < 3; n += 1) await expect(pool.verify('not a hash', 'a password')).rejects.toThrow();
    expect(await pool.verify((await pool.hash('right')) ?? '', 'right')).toBe(true);
  });
});

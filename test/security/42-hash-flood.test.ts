import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHashingPool } from '../../src/platform/hashing-pool.ts';
import { newId } from '../../src/platform/ids.ts';
import { aBinder, authenticatorsOn, LONG_PASSWORD, signInByPassword } from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';

const SLOTS = 2;
const MIB = 1024 * 1024;

describe('case 42: a flood of passwords to hash', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());

  test('is bounded in memory, turned away early, uncounted, and others are served meanwhile', async () => {
    const part = authenticatorsOn(fresh.database, { hashing: createHashingPool({ slots: SLOTS, queue: 20 }) });
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    await part.authenticators.install(id, { kind: 'message-otp', phone: '+84900000123' });
    await signInByPassword(part, { subscriberId: id }, LONG_PASSWORD);

    const before = process.memoryUsage().rss;
    let highest = before;
    const probes: number[] = [];
    let flooding = true;
    const probe = async () => {
      while (flooding) {
        const start = performance.now();
        await part.authenticators.of(id);
        probes.push(performance.now() - start);
        highest = Math.max(highest, process.memoryUsage().rss);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const probing = probe();
    const rounds = 5;
    const verdicts: Awaited<ReturnType<typeof signInByPassword>>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      verdicts.push(
        ...(await Promise.all(
          Array.from({ length: 200 }, (_, n) =>
            signInByPassword(part, { identifier: newId() }, `flood ${n}`, `10.${round}.${n}.1`),
          ),
        )),
      );
    }
    flooding = false;
    await probing;

    const of = (reason: string) => verdicts.filter((verdict) => !verdict.verified && verdict.reason === reason).length;
    expect(of('wrong') + of('busy')).toBe(rounds * 200);
    expect(of('busy')).toBeGreaterThan(rounds * 100);
    expect(verdicts.find((verdict) => !verdict.verified && verdict.reason === 'busy')).toMatchObject({ retryAfter: 1 });
    // 200 hashes at once would take 3,800 MiB; the rest of this is what 1,000 requests leave to the garbage collector.
    expect(highest - before).toBeLessThan((SLOTS * 19 + 150) * MIB);
    probes.sort((a, b) => a - b);
    expect(probes.length).toBeGreaterThan(20);
    expect(probes[Math.floor(probes.length * 0.95)]).toBeLessThan(250);
    expect(await signInByPassword(part, { subscriberId: id }, LONG_PASSWORD)).toMatchObject({ verified: true });
  });

  test('what was turned away as busy is no failure', async () => {
    const hashing = createHashingPool({ slots: 1, queue: 0, patience: 1 });
    const part = authenticatorsOn(fresh.database, { hashing });
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    const verdicts = await Promise.all(
      Array.from({ length: 300 }, () => signInByPassword(part, { subscriberId: id }, LONG_PASSWORD)),
    );
    const reasons = new Set(verdicts.map((verdict) => (verdict.verified ? 'verified' : verdict.reason)));
    expect(reasons).not.toContain('wrong');
    expect(reasons).not.toContain('disabled');
    expect(await signInByPassword(part, { subscriberId: id }, LONG_PASSWORD)).toMatchObject({ verified: true });
  });
});

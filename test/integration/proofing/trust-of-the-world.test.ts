import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { certificateFrom, parseCertificate } from '../../../src/standards/icao9303/pki/certificate.ts';
import { chainOf } from '../../../src/standards/icao9303/pki/chain.ts';
import { parseMasterList } from '../../../src/standards/icao9303/pki/master-list.ts';
import { parseSecurityObject } from '../../../src/standards/icao9303/pki/security-object.ts';
import { vectors, vectorTest } from '../../support/card-vectors.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aTrustProcess } from '../../support/trust.ts';

const file = (name: string): Buffer => readFileSync(join(vectors ?? '', name));
const by = { by: 'Trần Văn Minh' };

describe('the master list of Germany (BSI)', { timeout: 60_000 }, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let here: ReturnType<typeof aTrustProcess>;
  const clock = fixedClock('2026-06-15T08:00:00Z');
  beforeAll(async () => {
    fresh = await freshDatabase();
    here = aTrustProcess(fresh.url, clock);
  });
  afterAll(async () => {
    await here.end();
    await fresh.end();
  });

  vectorTest('is believed under the pinned root of its time, in 2024: 541 certificates', async () => {
    const older = parseMasterList(file('masterlist/DE_ML_2024-08-07.ml'));
    const { authorityKeyId } = certificateFrom(older.signedData.signer);
    const root = older.certificates.find((der) => parseCertificate(der).subjectKeyId?.equals(authorityKeyId!));
    await here.store.pinMasterListRoot(root!, by);
    const made = await here.store.importMasterList(file('masterlist/DE_ML_2024-08-07.ml'), by);
    expect(made).toMatchObject({ done: true, country: 'DE', certificates: 541, skipped: [] });
  });

  vectorTest('under the root of 2026: 588 certificates take their place, each can be read', async () => {
    const refused = await here.store.importMasterList(file('masterlist/DE_ML_2026-05-28.ml'), by);
    expect(refused).toMatchObject({ refusal: { code: 'masterlist.signer' } });
    await here.store.pinMasterListRoot(file('masterlist/DE_ROOT_CA_CSCA07.cer'), by);
    const made = await here.store.importMasterList(file('masterlist/DE_ML_2026-05-28.ml'), by);
    expect(made).toMatchObject({ done: true, certificates: 588, skipped: [], withheld: 0 });
    const [newer, older] = ['2026-05-28', '2024-08-07'].map((day) =>
      parseMasterList(file(`masterlist/DE_ML_${day}.ml`)).certificates.map((der) => hash('sha256', der)),
    );
    const only = (some: string[], others: string[]): number => some.filter((each) => !others.includes(each)).length;
    expect(made).toMatchObject({ came: only(newer!, older!) });
    expect(made.done && made.ended.length).toBe(only(older!, newer!));
  });

  vectorTest('the version of 2024 is refused after that, though its root is pinned', async () => {
    const made = await here.store.importMasterList(file('masterlist/DE_ML_2024-08-07.ml'), by);
    expect(made).toMatchObject({ done: false, refusal: { code: 'masterlist.rollback' } });
  });

  vectorTest('a process loads all of it without holding its event loop for 20 ms', async () => {
    const loads: { took: number; longest: number }[] = [];
    for (let n = 0; n < 5; n += 1) {
      const there = aTrustProcess(fresh.url, clock);
      const watch = watchTurns();
      const from = performance.now();
      await there.store.anchors();
      loads.push({ took: performance.now() - from, longest: watch.stop() });
      await there.end();
    }
    // Garbage of the other tests is collected in some of them.
    const { took, longest } = loads.sort((a, b) => a.longest - b.longest)[0]!;
    process.stdout.write(`588 certificates: ${took.toFixed(0)} ms, the longest turn ${longest.toFixed(1)} ms\n`);
    expect(longest).toBeLessThan(20);
  });

  vectorTest('real documents find their authority on it', async () => {
    const trust = await here.store.anchors();
    for (const country of ['AT', 'DE', 'FR', 'NZ', 'UK']) {
      const rules = { encoding: 'ber', earlyContentType: true } as const;
      const { signedData } = parseSecurityObject(file(`sod/${country}_EF_SOD.bin`), rules);
      const chain = await chainOf(certificateFrom(signedData.signer), { trust });
      expect(chain.vouchers.length, country).toBeGreaterThan(0);
    }
  });

  vectorTest('nothing on it is national, and the root alone is no anchor', async () => {
    const { certificates } = await here.store.list();
    expect(certificates.filter(({ national }) => national)).toEqual([]);
    expect(certificates.length).toBeGreaterThanOrEqual(588);
    const { sha256 } = parseCertificate(file('masterlist/DE_ROOT_CA_CSCA07.cer'));
    expect(certificates.find((each) => each.sha256 === sha256)?.holders).toContain('root by command');
  });
});

/** The longest turn of the event loop, in milliseconds of this thread's processor time: other programs do not count. */
function watchTurns(): { stop(): number } {
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let last = spent();
  let running = true;
  const turn = (): void => {
    const now = spent();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop() {
      running = false;
      turn();
      return longest;
    },
  };
}

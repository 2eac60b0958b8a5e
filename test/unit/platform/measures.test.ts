import { describe, expect, test } from 'vitest';
import { birthdate, date, dateTime, grouped, masked } from '../../../src/platform/formats.ts';
import { createHealth } from '../../../src/platform/health.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';
import { contrast, readableOn } from '../../../src/platform/plain-values/contrast.ts';
import { newRequestId } from '../../../src/platform/request.ts';

describe('dates and figures as people write them', () => {
  test('a moment is shown in Vietnamese time, day first', () => {
    expect(date(new Date('2026-03-13T18:00:00Z'))).toBe('14/03/2026');
    expect(dateTime(new Date('2026-03-13T18:05:00Z'))).toBe('14/03/2026 01:05');
  });

  test('a birth date may know only its year or month', () => {
    expect(['1994-03-14', '1994-03', '1994'].map(birthdate)).toEqual(['14/03/1994', '03/1994', '1994']);
  });

  test('figures come in groups, and an identity number hides its middle', () => {
    expect(['097204012345', '0912345678', '+84912345678', 'x'].map(grouped)).toEqual([
      '097 204 012345',
      '0912 345 678',
      '0912 345 678',
      'x',
    ]);
    expect(masked('097204012345')).toBe('097 ••• ••2345');
  });

  test('a request id can be read aloud and is new each time', () => {
    expect(newRequestId()).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(new Set(Array.from({ length: 500 }, newRequestId)).size).toBe(500);
  });
});

test('contrast is as WCAG 2.2 computes it', () => {
  expect(contrast('#ffffff', '#000000')).toBeCloseTo(21);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  expect([readableOn('#1d4f91'), readableOn('#f2b705')]).toEqual(['#ffffff', '#17231f']);
});

describe('metrics', () => {
  test('bound their labels: a thousand routes become at most 201, an unknown method becomes other', async () => {
    const metrics = createMetrics({ process: false });
    for (let route = 0; route < 1000; route++)
      metrics.request({ method: 'GET', route: `/r${route}`, status: 200, ms: 1 });
    metrics.request({ method: 'BREW', route: '/r1', status: 418, ms: 1 });
    const text = await metrics.text();
    expect(new Set(text.match(/route="[^"]*"/g)).size).toBe(201);
    expect(text).toContain('method="other",route="/r1",status="4xx"');
  });

  test('count logins by kind, level and outcome, and read a gauge when asked', async () => {
    const metrics = createMetrics({ process: false });
    let waiting = 3;
    metrics.login({ kind: 'passkey', level: 2, outcome: 'success' });
    metrics.gauge('eid_hashing_waiting', 'Hashes waiting for a slot.', () => waiting);
    waiting = 5;
    const text = await metrics.text();
    expect(text).toContain('eid_login_total{method="passkey",level="2",outcome="success"} 1');
    expect(text).toContain('eid_hashing_waiting 5');
  });
});

describe('health', () => {
  const ok = { name: 'database', check: () => {} };
  const broken = { name: 'keys', check: () => Promise.reject(new Error('gone')) };

  test('is the list of its checks', async () => {
    const health = createHealth({ live: [ok], ready: [ok, broken] });
    expect(await health.live()).toMatchObject({ status: 'pass' });
    expect(await health.ready()).toMatchObject({
      status: 'fail',
      checks: [
        { name: 'serving', ok: true },
        { name: 'database', ok: true },
        { name: 'keys', ok: false },
      ],
    });
  });

  test('is not ready while it drains, and still live', async () => {
    const health = createHealth({ ready: [ok] });
    expect((await health.ready()).status).toBe('pass');
    health.drain();
    expect((await health.ready()).status).toBe('fail');
    expect((await health.live()).status).toBe('pass');
  });
});

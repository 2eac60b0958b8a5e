import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EidError } from '../../../src/platform/errors.ts';
import '../../../src/platform/http.ts';
import { createLog } from '../../../src/platform/log.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';

const sealer = createSealer(new Secret(Buffer.alloc(32, 1)), 'log');
const logging = () => {
  const written: string[] = [];
  return { written, log: createLog({ sealer, destination: { write: (line: string) => void written.push(line) } }) };
};
const line = { requestId: '7K3M-92QF-4XTB', method: 'GET', route: '/interaction/:uid', status: 200, ms: 1.5 };

describe('the log', () => {
  test('abuse case 53: whatever a client calls itself, one event is one line of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (clientId) => {
        const { log, written } = logging();
        log.request({ ...line, clientId: `${clientId}\r\n{"level":"info","forged":true}\u001b[2J\u2028\u202e` });
        expect(written).toHaveLength(1);
        expect(written[0]!.match(/[\p{Cc}\u2028\u202e]/gu)).toEqual(['\n']);
        const parsed = JSON.parse(written[0]!);
        expect(parsed.msg).toBe('request');
        expect(parsed.forged).toBeUndefined();
        expect(parsed.clientId.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test('says of a request what the list allows and nothing else', () => {
    const { log, written } = logging();
    log.request({ ...line, url: '/interaction/abc?code=secret', name: 'Nguyễn' } as typeof line);
    expect(Object.keys(JSON.parse(written[0]!)).sort()).toEqual(
      ['level', 'method', 'ms', 'msg', 'requestId', 'route', 'status', 'time'].sort(),
    );
  });

  test('names a subscriber by a keyed hash only', () => {
    const { log } = logging();
    expect(log.hashed('097204012345')).toBe(log.hashed('097204012345'));
    expect(log.hashed('097204012345')).not.toContain('0972');
    expect(log.hashed('097204012345')).not.toBe(log.hashed('097204012346'));
  });
});

describe('abuse case 54: a fault', () => {
  test('is told by name, code and place, without a message that could quote a row', () => {
    const { log, written } = logging();
    const cause = Object.assign(new Error('duplicate key (phone)=(0912345678)'), {
      code: '23505',
      constraint: 'subscribers_phone',
      detail: 'Key (phone)=(0912345678) already exists.',
    });
    log.fault('R', new EidError('database.unavailable', { status: 503, cause }), { job: 'expire' });
    expect(written[0]).not.toContain('0912345678');
    expect(JSON.parse(written[0]!)).toMatchObject({
      level: 'error',
      requestId: 'R',
      job: 'expire',
      fault: { name: 'EidError', cause: { code: '23505', constraint: 'subscribers_phone' } },
    });
    expect(JSON.parse(written[0]!).fault.frames[0]).toContain('log.test.ts');
  });

  test('keeps the engine’s own words about code, and drops the ones about data', () => {
    const { log, written } = logging();
    log.fault(undefined, new TypeError("Cannot read properties of undefined (reading 'sub')"));
    log.fault(undefined, new TypeError('Failed to parse URL from https://rp.example/?code=canary'));
    log.fault(undefined, 'canary thrown as text');
    expect(written[0]).toContain("(reading 'sub')");
    expect(written.join('')).not.toContain('canary');
  });
});

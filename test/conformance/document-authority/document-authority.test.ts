import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  DOCUMENT_STATUSES,
  type DocumentAuthority,
  type DocumentStatus,
} from '../../../src/domain/proofing/document-authority/authority.ts';
import { createSimulatedDocumentAuthority } from '../../../src/domain/proofing/document-authority/simulated-document-authority.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { say, startAuthority } from '../../support/document-authority.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const ours = Buffer.from('a security object of ours');
const statuses: Record<string, DocumentStatus> = {
  C00000001: 'withdrawn',
  C00000002: 'lost',
  C00000003: 'expired',
  C00000004: 'unknown',
};
const issued = new Set([sha256(ours)]);
const document = (documentNumber: string) => ({ issuingState: 'VNM', documentNumber, sodSha256: sha256(ours) });

/** One implementation, and how to make its other side misbehave. */
interface Side {
  readonly authority: DocumentAuthority;
  behave(how: 'well' | 'down' | 'slow' | 'garbage'): void;
  stop(): Promise<void>;
}

async function httpSide(): Promise<Side> {
  let mode = 'well';
  const now = () => new Date().toISOString();
  const loopback = await startAuthority({
    token: (_request, _form, response) => say(response, { access_token: 'a token', token_type: 'bearer' }),
    answer: (path, question, response) => {
      if (mode === 'slow') return;
      if (mode === 'down') return void response.destroy();
      if (mode === 'garbage') return say(response, { status: 'fine', issued: 'yes', asOf: now() });
      if (path === '/document-status')
        return say(response, { status: statuses[question.documentNumber ?? ''] ?? 'valid', asOf: now() });
      const known = issued.has(sha256(Buffer.from(question.sod ?? '', 'base64')));
      return say(response, { issued: known, asOf: now() });
    },
  });
  return {
    authority: loopback.client(),
    behave: (how) => {
      mode = how;
    },
    stop: () => loopback.stop(),
  };
}

async function simulatedSide(): Promise<Side> {
  const authority = createSimulatedDocumentAuthority({ clock: systemClock, statuses, issued, timeout: 500 });
  return { authority, behave: authority.behave, stop: async () => {} };
}

describe.each([
  ['over HTTPS', httpSide],
  ['simulated', simulatedSide],
])('the document authority, %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.behave('well'));
  afterAll(() => side.stop());

  test.each([['C00000009', 'valid'], ...Object.entries(statuses)])(
    'says of %s that it is %s, as of now',
    async (number, status) => {
      const before = Date.now();
      const answer = await side.authority.status(document(number));
      expect(answer).toEqual({ status, asOf: expect.any(Date) });
      expect(answer.asOf.getTime()).toBeGreaterThanOrEqual(before - 1);
      expect(answer.asOf.getTime()).toBeLessThanOrEqual(Date.now());
    },
  );

  test('every status that there is was asked for', () => {
    expect(new Set(['valid', ...Object.values(statuses)])).toEqual(new Set(DOCUMENT_STATUSES));
  });

  test('vouches for a security object of its own, byte for byte, and for no other', async () => {
    expect(await side.authority.vouch(ours)).toEqual({ issued: true, asOf: expect.any(Date) });
    const forged = Buffer.from(ours);
    forged[0]! ^= 1;
    expect(await side.authority.vouch(forged)).toMatchObject({ issued: false });
  });

  test.each(['down', 'slow', 'garbage'] as const)('%s: there is one error, soon, for both questions', async (how) => {
    side.behave(how);
    const from = performance.now();
    const answers = await Promise.allSettled([
      side.authority.status(document('C00000009')),
      side.authority.vouch(ours),
    ]);
    expect(performance.now() - from).toBeLessThan(3_000);
    const reason = { down: 'unreachable', slow: 'too_slow', garbage: 'garbage' }[how];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: { code: 'document_authority.unavailable', status: 503, facts: { reason } },
      });
    }
  });

  test('after it was away it answers again', async () => {
    side.behave('down');
    await expect(side.authority.status(document('C00000009'))).rejects.toThrow('document_authority.unavailable');
    side.behave('well');
    expect(await side.authority.status(document('C00000009'))).toMatchObject({ status: 'valid' });
  });
});

import { Secret } from 'otpauth';
import { expect, test } from 'vitest';
import { createTotpAdapter } from '../../../../src/domain/authenticators/adapters/totp.ts';

const adapter = createTotpAdapter({ relyingPartyName: 'SenID' });
// RFC 6238 appendix B, SHA-1 rows, last six digits.
const secret = Secret.fromLatin1('12345678901234567890').base32;

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
])('RFC 6238 appendix B: at %i s the code is %s', async (seconds, code) => {
  const bound = { id: 'a', binding: { secret, lastStep: 0 } };
  const verdict = await adapter.verify(bound, { secret: '' }, { code }, new Date(seconds * 1000));
  expect(verdict).toMatchObject({ verified: true, used: { binding: { lastStep: Math.floor(seconds / 30) } } });
});

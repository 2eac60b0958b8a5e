import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { OutgoingMessage, Random, Verdict, VerificationAdapter } from '../adapter.ts';

/** The telephone number that receives codes, E.164. */
export interface MessageOtpBinding {
  readonly phone: string;
}

interface MessageOtpExpected {
  readonly code: string;
  readonly phone: string;
}

interface MessageOtpRequest {
  /** Masked: enough to know which telephone to look for. */
  readonly to: string;
}

interface MessageOtpResponse {
  readonly code: string;
}

const MINUTES = 10;

/** Masks a telephone number: `•••• 678`. */
export const maskedPhone = (phone: string): string => `•••• ${phone.slice(-3)}`;

/** One-time codes by text message: a restricted authenticator (SP 800-63B-4 §3.1.3.3, §3.2.9). */
export function createMessageOtpAdapter(): VerificationAdapter<
  MessageOtpBinding,
  MessageOtpExpected,
  MessageOtpRequest,
  MessageOtpResponse
> {
  // Six digits of 48 random bits: the bias is below one in a hundred million.
  const newCode = (random: Random): string => String(random(6).readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
  const message = (to: string, code: string, locale: 'vi' | 'en'): OutgoingMessage => ({
    channel: 'sms',
    ...{ to, locale, code },
    minutes: MINUTES,
  });
  const asked = (phone: string, locale: 'vi' | 'en', random: Random) => {
    const code = newCode(random);
    return { expected: { code, phone }, request: { to: maskedPhone(phone) }, message: message(phone, code, locale) };
  };
  const check = (expected: MessageOtpExpected, code: string): Verdict<{ binding: MessageOtpBinding }> =>
    timingSafeEqual(Buffer.from(expected.code), Buffer.from(code))
      ? { verified: true, binding: { phone: expected.phone } }
      : { verified: false, reason: 'wrong' };
  const response = z.object({
    code: z
      .string()
      .max(32)
      .transform((code) => code.replace(/[\s-]/g, ''))
      .pipe(z.string().regex(/^[0-9]{6}$/)),
  });
  const phone = z.string().regex(/^\+[1-9][0-9]{6,14}$/);

  return {
    kind: 'message-otp',
    factors: ['have'],
    amr: ['otp', 'sms'],
    phishingResistant: false,
    single: false,
    challenged: { toBind: true, toVerify: true },
    lifetime: MINUTES * 60,
    answersPerChallenge: 5,
    guessable: true,
    binding: z.object({ phone }),
    expected: z.object({ code: z.string().regex(/^[0-9]{6}$/), phone }),
    response,
    responseToBind: response,

    challengeToBind: async ({ phone: number, locale }, _bound, random) => {
      if (number === undefined) throw new Error('binding message codes needs a telephone number');
      return asked(number, locale, random);
    },
    bind: async (expected, { code }) => check(expected, code),
    challenge: async (bound, random, locale) => {
      const [first] = bound;
      if (!first) throw new Error('a message code needs to know whom to send it to');
      return asked(first.binding.phone, locale, random);
    },
    verify: async (bound, expected, { code }) => {
      const verdict = check(expected, code);
      if (!verdict.verified) return verdict;
      // A number that was replaced in the meantime no longer counts.
      return expected.phone === bound.binding.phone
        ? { verified: true, used: bound }
        : { verified: false, reason: 'expired' };
    },
    // Nothing is ever sent to a decoy; its last digits are shown masked like anybody's.
    decoy: (seed) => ({
      id: '',
      binding: { phone: `+8490${String(seed.readUInt32BE(0) % 10_000_000).padStart(7, '0')}` },
    }),
  };
}

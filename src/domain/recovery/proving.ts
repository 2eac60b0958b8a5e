import type { Clock } from '../../platform/clock.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { Medium } from '../notices/index.ts';
import { hasSettled, type Subscriber } from '../subscribers/index.ts';
import type { AddressCodes } from './address-codes.ts';
import type { AddressStore } from './address-store.ts';
import type { OnlineMethod } from './paths.ts';
import type { MethodVerdict } from './recovery.ts';

/** Whom a method is asked of: an account, or what was typed where there is none that can be used. */
export interface Asked {
  readonly method: OnlineMethod;
  readonly subscriber: Subscriber | undefined;
  readonly identifier: string;
  /** One half is proven already, by whoever asks. */
  readonly halfProven?: boolean;
  readonly sessionKey: string;
  readonly address: string;
  readonly locale: 'vi' | 'en';
}

/** What the page needs: a challenge that comes back with the answer, and for a passkey the browser's options. */
export type Question =
  | { readonly asked: true; readonly challengeId?: string; readonly options?: object }
  | { readonly asked: false; readonly reason: 'throttled'; readonly retryAfter: number }
  /** The recovery that this browser held has ended, or the account was locked meanwhile. */
  | { readonly asked: false; readonly reason: 'over' };

const MEDIUM = { 'own-phone': 'sms', 'second-phone': 'sms', 'e-mail': 'mail' } as const satisfies Partial<
  Record<OnlineMethod, Medium>
>;
const isCode = (method: OnlineMethod): method is keyof typeof MEDIUM => Object.hasOwn(MEDIUM, method);

/** Asks for and checks each method. Nobody learns from it which of them an account has, or whether there is one. */
export function createProving(parts: {
  readonly authenticators: Pick<Authenticators, 'begin' | 'answer'>;
  readonly codes: AddressCodes;
  readonly addresses: Pick<AddressStore, 'of'>;
  readonly database: Parameters<AddressStore['of']>[0];
  readonly clock: Clock;
  readonly waitFactor: number;
}) {
  const account = ({ subscriber, identifier }: Pick<Asked, 'subscriber' | 'identifier'>) =>
    subscriber ? { subscriberId: subscriber.id } : { identifier };
  // What differs between two telephones is kept apart in the seal too: a code to one never answers for the other.
  const sessionOf = (method: OnlineMethod, sessionKey: string): string => `${method} ${sessionKey}`;

  const addressOf = async (method: keyof typeof MEDIUM, subscriber: Subscriber | undefined) => {
    // Read for nobody too, so that it takes as long.
    const added = await parts.addresses.of(parts.database, subscriber?.id ?? NOBODY);
    // What its holder has changed a moment ago may have been changed by somebody else: they have the waiting time to say so.
    const settled = (changedAt: string | undefined) => hasSettled(changedAt, parts.clock.now(), parts.waitFactor);
    const one = added.find(
      ({ medium, confirmedAt }) => medium === MEDIUM[method] && settled(confirmedAt.toISOString()),
    )?.address;
    const { phone, phoneVerified, phoneChangedAt, email, emailVerified, emailChangedAt } = subscriber ?? {};
    if (method === 'own-phone') return phoneVerified && settled(phoneChangedAt) ? phone : undefined;
    return method === 'second-phone' ? one : (one ?? (emailVerified && settled(emailChangedAt) ? email : undefined));
  };

  return {
    async ask(asked: Asked): Promise<Question> {
      const { method, subscriber, identifier, sessionKey } = asked;
      if (method === 'printed-code') return { asked: true };
      if (method === 'passkey') {
        // Discoverable: a list of somebody's passkeys would say that there is somebody.
        const opening = { kind: 'passkey', purpose: 'sign-in', sessionKey, address: asked.address } as const;
        const begun = await parts.authenticators.begin({ ...opening, locale: asked.locale, holderVerified: true });
        if (!begun.begun) return { asked: false, reason: 'throttled', retryAfter: begun.retryAfter ?? 60 };
        return { asked: true, challengeId: begun.challengeId ?? '', options: begun.request as object };
      }
      const to = await addressOf(method, subscriber);
      const sent = await parts.codes.send({
        ...{ purpose: 'recovery', medium: MEDIUM[method], sessionKey: sessionOf(method, sessionKey) },
        ...{ instead: `${method} ${subscriber?.id ?? identifier}`, from: asked.address },
        // Whoever holds a recovery has typed nothing: what others type of the same account leaves them theirs.
        ...(asked.halfProven ? { halfProven: true } : { typed: `${method} ${identifier}` }),
        ...(to === undefined ? {} : { to }),
        ...(subscriber ? { person: { ...subscriber, locale: asked.locale } } : {}),
      });
      return sent.sent
        ? { asked: true, challengeId: sent.challenge }
        : { asked: false, reason: 'throttled', retryAfter: sent.retryAfter };
    },

    async check(asked: Asked & { readonly challengeId: string; readonly response: unknown }): Promise<MethodVerdict> {
      const { method, subscriber, sessionKey, challengeId, response } = asked;
      const writes: Write[] = [];
      if (isCode(method)) {
        const code = (response as { code?: unknown }).code;
        if (typeof code !== 'string') return { verified: false, reason: 'malformed' };
        const verdict = await parts.codes.check({
          ...{ purpose: 'recovery', medium: MEDIUM[method], sessionKey: sessionOf(method, sessionKey) },
          ...{ challenge: challengeId, code, subscriberId: subscriber?.id },
        });
        if (!verdict.right) return { verified: false, reason: verdict.reason };
        const phone = MEDIUM[method] === 'sms' ? { phone: verdict.to } : {};
        return { verified: true, writes: verdict.writes, ...phone };
      }
      const verdict = await parts.authenticators.answer({
        ...{ kind: method === 'passkey' ? 'passkey' : 'recovery-code', sessionKey, response, address: asked.address },
        ...(challengeId === '' ? {} : { challengeId }),
        ...account(asked),
        // Used up in the very statement that begins or completes the pair, or not at all.
        unit: { write: (write) => void writes.push(write) },
      });
      if (!verdict.verified) {
        const { reason, retryAfter } = verdict;
        return { verified: false, reason, ...(retryAfter === undefined ? {} : { retryAfter }) };
      }
      // A key that anybody could touch is not its holder's.
      if (method === 'passkey' && !verdict.proof.userVerified) return { verified: false, reason: 'wrong' };
      return { verified: true, writes };
    },
  };
}

/** No account has it. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export type Proving = ReturnType<typeof createProving>;

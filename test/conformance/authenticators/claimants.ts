import { TOTP } from 'otpauth';
import type { AnyAdapter, OutgoingMessage } from '../../../src/domain/authenticators/adapter.ts';
import type { BindableKind } from '../../../src/domain/authenticators/catalogue.ts';
import { LONG_PASSWORD, RP } from '../../support/authenticators.ts';
import { softwarePasskey } from '../../support/software-passkey.ts';

/** What a claimant has in front of them: the page's request, and the message that came. */
export interface Asked {
  readonly request: unknown;
  readonly message?: OutgoingMessage | undefined;
  readonly now: Date;
}

/** The person's side of one kind of authenticator. A new adapter adds one line to `claimants`. */
export interface Claimant {
  toBind(asked: Asked): unknown;
  right(asked: Asked): unknown;
  wrong(asked: Asked): unknown;
}

const otherCode = (code: string): string => (code === '000000' ? '111111' : '000000');
const sent = ({ message }: Asked): string => message?.text.slice(-6) ?? '';

export const claimants: Record<BindableKind, () => Claimant> = {
  password: () => ({
    toBind: () => ({ password: LONG_PASSWORD }),
    right: () => ({ password: LONG_PASSWORD }),
    wrong: () => ({ password: LONG_PASSWORD.toUpperCase() }),
  }),
  passkey: () => {
    const passkey = softwarePasskey(RP);
    return {
      toBind: ({ request }) => passkey.create(request as never),
      right: ({ request }) => passkey.get(request as never),
      wrong: ({ request }) => passkey.get(request as never, { forged: true }),
    };
  },
  totp: () => {
    let secret = '';
    const code = ({ now }: Asked): string => new TOTP({ secret }).generate({ timestamp: now.getTime() });
    return {
      toBind: (asked) => {
        secret = (asked.request as { secret: string }).secret;
        return { code: code(asked) };
      },
      right: (asked) => ({ code: code(asked) }),
      wrong: (asked) => ({ code: otherCode(code(asked)) }),
    };
  },
  'message-otp': () => ({
    toBind: (asked) => ({ code: sent(asked) }),
    right: (asked) => ({ code: sent(asked) }),
    wrong: (asked) => ({ code: otherCode(sent(asked)) }),
  }),
};

/** Freezes all the way down: an adapter that writes into what it was given throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
}

/** Through JSON and the schema, as a row or a sealed challenge goes. */
export const stored = <T>(schema: AnyAdapter['binding'], value: T): T =>
  frozen(schema.parse(JSON.parse(JSON.stringify(value))) as T);

import { TOTP } from 'otpauth';
import type { AnyAdapter, OutgoingMessage } from '../../../src/domain/authenticators/adapter.ts';
import type { BindableKind } from '../../../src/domain/authenticators/catalogue.ts';
import { drawPerson, PERSONAS } from '../../../src/sandbox/index.ts';
import { LONG_PASSWORD, RP } from '../../support/authenticators.ts';
import { softwarePasskey } from '../../support/software-passkey.ts';
import { evidenceOf, virtualCard } from '../../support/virtual-card.ts';

/** What a claimant has in front of them: the page's request, and the message that came. */
export interface Asked {
  readonly request: unknown;
  readonly message?: OutgoingMessage | undefined;
  readonly now: Date;
}

/** The person's side of one kind of authenticator; answers may take a moment. A new adapter adds one line to `claimants`. */
export interface Claimant {
  /** Whose card it is, or whose face: they bind under their own number, by which the suite's register knows them. */
  readonly identityNumber?: string;
  toBind(asked: Asked): unknown;
  right(asked: Asked): unknown;
  wrong(asked: Asked): unknown;
}

const otherCode = (code: string): string => (code === '000000' ? '111111' : '000000');
const sent = ({ message }: Asked): string => message?.code ?? '';

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
  'recovery-code': () => {
    let sheet: readonly string[] = [];
    let used = 0;
    return {
      toBind: ({ request }) => {
        sheet = (request as { codes: string[] }).codes;
        return { code: sheet[7] };
      },
      right: () => ({ code: sheet[used++] }),
      wrong: () => ({ code: '0000-0000-0000-0000' }),
    };
  },
  'chip-card': () => {
    const holder = CARD_HOLDERS[holders++ % CARD_HOLDERS.length];
    const persona = PERSONAS.find(({ id }) => id === holder)!;
    const answer = (fault?: 'cloned') => async (asked: Asked) => {
      const { session, challenge } = asked.request as { session: string; challenge: string };
      const card = virtualCard({ persona: persona.id, ...(fault ? { fault } : {}) });
      const evidence = await evidenceOf(card, { session, challenge: Buffer.from(challenge, 'base64url') });
      // What nobody signed decides nothing, so an answer that differs there alone is as good.
      const { COM: _, CardAccess: __, ...files } = evidence.files;
      return { ...evidence, files };
    };
    return { identityNumber: persona.identityNumber, toBind: answer(), right: answer(), wrong: answer('cloned') };
  },
  face: () => {
    const holder = CARD_HOLDERS[holders++ % CARD_HOLDERS.length];
    const { identityNumber } = PERSONAS.find(({ id }) => id === holder)!;
    const mine = async () => ({ picture: await drawPerson(identityNumber, 'plain') });
    return {
      ...{ identityNumber, toBind: mine, right: mine },
      wrong: async () => ({ picture: await drawPerson(identityNumber, 'screen') }),
    };
  },
};

/** Each claimant with a card, or with a face, is somebody else. */
const CARD_HOLDERS = ['level-2-chip', 'level-2-chip-face', 'child', 'no-phone', 'single-name'];
let holders = 0;

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

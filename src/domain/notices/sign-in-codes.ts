import type { Write } from '../../platform/unit-of-work.ts';
import type { Notices } from './notices.ts';

/** A code to be sent to a telephone, as an authenticator asks for it. */
export interface CodeToSend {
  /** E.164. */
  readonly to: string;
  readonly code: string;
  readonly minutes: number;
  readonly locale: 'vi' | 'en';
}

/** The codes of sign-ins (`domain/authenticators`), in the words and within the budgets of all our messages. */
export const signInCodes = (notices: Pick<Notices, 'admit' | 'queue'>) => {
  const to = (address: string) => ({ medium: 'sms', address }) as const;
  return {
    /** `account` names an account, or whatever stands for one that does not exist: both are counted alike. */
    admit: (message: Pick<CodeToSend, 'to'>, { account, from }: { readonly account: string; readonly from?: string }) =>
      notices.admit({
        ...{ kind: 'sign_in_code', to: to(message.to), subscriberId: account },
        ...(from === undefined ? {} : { from }),
      }),
    queue: ({ to: phone, locale, code, minutes }: CodeToSend, subscriberId?: string): Write[] =>
      notices.queue({
        ...{ kind: 'sign_in_code', to: to(phone), locale, values: { code, minutes } },
        ...(subscriberId === undefined ? {} : { subscriberId }),
      }),
  };
};

import { Refused } from '../../src/standards/icao9303/refusal.ts';

const codeOf = (error: unknown): string => {
  if (error instanceof Refused) return error.code;
  throw error;
};

/** The code with which something is refused, or `accepted`; anything else that is thrown passes through. */
export function refusal(act: () => unknown): string;
export function refusal(act: Promise<unknown>): Promise<string>;
export function refusal(act: (() => unknown) | Promise<unknown>): string | Promise<string> {
  if (act instanceof Promise) return act.then(() => 'accepted', codeOf);
  try {
    act();
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  }
}

export const hex = (text: string): Buffer => Buffer.from(text, 'hex');

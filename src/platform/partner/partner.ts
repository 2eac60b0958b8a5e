import type { Clock } from '../clock.ts';
import type { Egress } from '../egress.ts';
import { EidError } from '../errors.ts';
import { type ClientCredentials, createAccessToken } from './access-token.ts';
import { createBreaker } from './breaker.ts';

/** Why there is no answer. `resting`: it failed several times and is left alone for a moment. */
export const SILENCES = ['unreachable', 'too_slow', 'busy', 'refused', 'garbage', 'resting'] as const;
export type Silence = (typeof SILENCES)[number];

/** What is told of each question, for counting: never what was asked. */
export type PartnerOutcome = 'answered' | Silence;

/** Somebody who is asked over HTTPS. What adapters have in common; each adds its port's error and the shape of its answers. */
export interface PartnerParts {
  /** The base: `https://register.example.gov/v1`. */
  readonly url: string;
  readonly credentials: ClientCredentials;
  /**
   * Bounds time and size. The operator has chosen the address, so its origins may be among those that may be private.
   */
  readonly egress: Egress;
  readonly clock: Clock;
  /** After so many failures in a row nothing is sent for so many seconds. */
  readonly breaker?: { readonly failures?: number; readonly rest?: number };
  /** Told of every question. */
  readonly asked?: (outcome: PartnerOutcome) => void;
}

/** A question and its answer, or the port's own error with the reason of the silence. */
export interface Partner {
  /** `read` takes what came to be an answer, or throws the port's error for `garbage`. */
  ask<T>(path: string, question: object, read: (body: unknown, now: Date) => T): Promise<T>;
  /** Whether it is left alone at this moment. */
  resting(): boolean;
  /** Fetches an access token and asks nothing, for whoever looks after the server; throws the port's error. */
  greet(): Promise<void>;
}

/** What an adapter shows of the partner behind it. */
export type Reachable = Pick<Partner, 'resting' | 'greet'>;

/** Makes the port's error of a reason; the cause stays for the log of faults and is never shown. */
export type Unavailable = (reason: Silence, cause?: unknown) => EidError;

const REASONS: Readonly<Record<string, Silence>> = {
  'egress.too_slow': 'too_slow',
  'egress.too_large': 'garbage',
  'egress.refused': 'refused',
};

export function createPartner(parts: PartnerParts, unavailable: Unavailable): Partner {
  const { egress, clock, asked = () => {} } = parts;
  const token = createAccessToken(parts);
  const breaker = createBreaker({ clock, resting: () => unavailable('resting'), ...parts.breaker });
  const base = parts.url.replace(/\/$/, '');
  const { code } = unavailable('garbage');

  const post = async (path: string, body: string): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      const bearer = await token.get();
      const headers = {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        accept: 'application/json',
      };
      const response = await egress(`${base}${path}`, { method: 'POST', headers, body });
      if (response.status !== 401 || attempt === 2) return response;
      // Ended before its time, perhaps with the partner's restart: a new one is fetched once.
      token.forget(bearer);
    }
  };

  const jsonOf = async (response: Response): Promise<unknown> => {
    const type = response.headers.get('content-type') ?? '';
    if (!/^application\/json\s*(;|$)/i.test(type)) throw unavailable('garbage');
    return response.json().catch(() => {
      throw unavailable('garbage');
    });
  };

  /** Whatever kept the answer away. What openid-client threw wraps what the guard threw. */
  const asSilence = (error: unknown): EidError => {
    const causes = [error, (error as { cause?: unknown } | undefined)?.cause];
    const named = causes.filter((each) => each instanceof EidError);
    const own = named.find((each) => each.code === code);
    if (own) return own;
    const [guard] = named;
    if (guard) return unavailable(REASONS[guard.code] ?? 'unreachable', error);
    // The token endpoint answered, and not with a token.
    return unavailable('refused', error);
  };

  return {
    resting: breaker.resting,
    greet: async () => {
      await token.get().catch((error) => {
        throw asSilence(error);
      });
    },
    /** What is asked about stands in the body: an address would end in the logs of every machine between us. */
    async ask(path, question, read) {
      try {
        const answer = await breaker.run(async () => {
          try {
            const response = await post(path, JSON.stringify(question));
            if (response.status !== 200) throw unavailable(silenceOf(response.status));
            return read(await jsonOf(response), clock.now());
          } catch (error) {
            throw asSilence(error);
          }
        });
        asked('answered');
        return answer;
      } catch (error) {
        asked((error as EidError).facts.reason as Silence);
        throw error;
      }
    },
  };
}

/** A redirect is no answer: following it would hand token and question to somebody else. */
const silenceOf = (status: number): Silence =>
  status === 429 || status >= 500 ? 'busy' : status >= 400 ? 'refused' : 'garbage';

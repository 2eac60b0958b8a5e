import type { Clock } from '../../../platform/clock.ts';
import type { Egress } from '../../../platform/egress.ts';
import { EidError } from '../../../platform/errors.ts';
import { type AuthorityCredentials, createAccessToken } from './access-token.ts';
import { type DocumentAuthority, type Silence, statusAnswer, unavailable, vouchAnswer } from './authority.ts';
import { createBreaker } from './breaker.ts';

/** An authority that answers over HTTPS, as `openapi.json` beside this file describes. */
export interface HttpDocumentAuthorityParts {
  /** The base: `https://documents.example.gov/v1`. */
  readonly url: string;
  readonly credentials: AuthorityCredentials;
  /**
   * Bounds time and size. The operator has chosen the address, so its origins may be among those that may be private.
   */
  readonly egress: Egress;
  readonly clock: Clock;
  /** After so many failures in a row nothing is sent for so many seconds. */
  readonly breaker?: { readonly failures?: number; readonly rest?: number };
}

const SILENCES: Readonly<Record<string, Silence>> = {
  'egress.too_slow': 'too_slow',
  'egress.too_large': 'garbage',
  'egress.refused': 'refused',
};

export function createHttpDocumentAuthority(parts: HttpDocumentAuthorityParts): DocumentAuthority {
  const { egress, clock } = parts;
  const token = createAccessToken(parts);
  const breaker = createBreaker({ clock, resting: () => unavailable('resting'), ...parts.breaker });
  const base = parts.url.replace(/\/$/, '');

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
      // Ended before its time, perhaps with the authority's restart: a new one is fetched once.
      token.forget(bearer);
    }
  };

  /** The document stands in the body: an address would end in the logs of every machine between us. */
  const ask = <T>(path: string, question: object, read: (body: unknown, now: Date) => T): Promise<T> =>
    breaker.run(async () => {
      try {
        const response = await post(path, JSON.stringify(question));
        if (response.status !== 200) throw unavailable(silenceOf(response.status));
        return read(await jsonOf(response), clock.now());
      } catch (error) {
        throw asSilence(error);
      }
    });

  return {
    status: ({ issuingState, documentNumber, sodSha256 }) =>
      ask('/document-status', { issuingState, documentNumber, sodSha256 }, statusAnswer),
    vouch: (sod) => ask('/security-object', { sod: sod.toString('base64') }, vouchAnswer),
  };
}

/** A redirect is no answer: following it would hand token and document to somebody else. */
const silenceOf = (status: number): Silence =>
  status === 429 || status >= 500 ? 'busy' : status >= 400 ? 'refused' : 'garbage';

const jsonOf = async (response: Response): Promise<unknown> => {
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw unavailable('garbage');
  return response.json().catch(() => {
    throw unavailable('garbage');
  });
};

/** Whatever kept the answer away. What openid-client threw wraps what the guard threw. */
function asSilence(error: unknown): EidError {
  const reasons = [error, (error as { cause?: unknown } | undefined)?.cause].filter((each) => each instanceof EidError);
  const own = reasons.find(({ code }) => code === 'document_authority.unavailable');
  if (own) return own;
  const [guard] = reasons;
  if (guard) return unavailable(SILENCES[guard.code] ?? 'unreachable', error);
  // The token endpoint answered, and not with a token.
  return unavailable('refused', error);
}

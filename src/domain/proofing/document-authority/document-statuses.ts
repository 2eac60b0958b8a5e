import type { Database } from '../../../platform/database.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import type { Refusal, RefusalCode } from '../../../standards/icao9303/refusal.ts';
import type { DocumentAuthority, DocumentReference, DocumentStatus, StatusAnswer } from './authority.ts';
import * as store from './store.ts';

/** How a document stands, who says so, and what follows. */
export interface DocumentStanding {
  /** `not_asked`: no authority is configured. `unanswered`: it is silent, and nothing of use is kept. */
  readonly status: DocumentStatus | 'not_asked' | 'unanswered';
  readonly asOf?: Date;
  /** Whether the authority said so just now. */
  readonly fresh: boolean;
  /** `kept`: the authority is silent, and this is what it said before. */
  readonly from: 'authority' | 'kept' | 'nobody';
  /** Why the document is refused; missing when nothing is against it. */
  readonly refusal?: Refusal;
}

/** Asks for the standing of a document at every sign-in with it. */
export interface DocumentStatuses {
  check(document: DocumentReference, now: Date): Promise<DocumentStanding>;
  /** Removes kept answers that are too old to be used; answers how many. For the job that expires things. */
  forget(now: Date): Promise<number>;
}

/** What the question stands on. */
export interface DocumentStatusesParts {
  readonly database: Database;
  readonly sealer: Sealer;
  /** None where no authority answers for documents. */
  readonly authority?: DocumentAuthority;
  /** Seconds that the authority's `valid` is good for. */
  readonly freshness: number;
  /** Without an authority: whether a document is refused, or its status waived by the operator's word. */
  readonly withoutAuthority: 'refused' | 'waived';
}

// Each bad status and how the examiner says it; `valid` has none.
const REFUSALS: Partial<Record<DocumentStatus, RefusalCode>> = {
  withdrawn: 'document.revoked',
  lost: 'document.revoked',
  expired: 'document.expired',
  unknown: 'document.not_issued',
};

/**
 * Fails closed: silence is a refusal, unless the authority called the document valid not longer ago than `freshness`.
 * A bad answer is kept whatever its age; only the authority itself takes it back.
 */
export function createDocumentStatuses(parts: DocumentStatusesParts): DocumentStatuses {
  const { database, sealer, authority, freshness } = parts;

  // The security object belongs to it: a forged chip that bears the number of a good card is another document.
  const keyOf = ({ issuingState, documentNumber, sodSha256 }: DocumentReference): Buffer =>
    sealer.keyedHash([issuingState, documentNumber, sodSha256].join('\n'));

  const standing = (answer: StatusAnswer, from: 'authority' | 'kept', now: Date): DocumentStanding => {
    const { status, asOf } = answer;
    const said = { status, asOf, fresh: from === 'authority', from };
    const code = REFUSALS[status];
    if (code) return { ...said, refusal: { code, about: status } };
    const old = now.getTime() - asOf.getTime() > freshness * 1000;
    return old
      ? { ...said, refusal: { code: 'document.status_unknown', about: `valid at ${asOf.toISOString()}` } }
      : said;
  };

  const ask = async (document: DocumentReference, from: DocumentAuthority): Promise<StatusAnswer | undefined> => {
    try {
      return await from.status(document);
    } catch (error) {
      if (error instanceof EidError && error.code === 'document_authority.unavailable') return undefined;
      throw error;
    }
  };

  return {
    async check(document, now) {
      if (!authority) return NOT_ASKED[parts.withoutAuthority];
      const key = keyOf(document);
      const said = await ask(document, authority);
      if (said) return standing(await store.keep(database, key, said, now), 'authority', now);
      const before = await store.kept(database, key);
      return before ? standing(before, 'kept', now) : UNANSWERED;
    },
    forget: (now) => store.forgetValidBefore(database, new Date(now.getTime() - freshness * 1000)),
  };
}

const refusal: Refusal = { code: 'document.status_unknown' };
const UNANSWERED: DocumentStanding = { status: 'unanswered', fresh: false, from: 'nobody', refusal };
const NOT_ASKED: Record<DocumentStatusesParts['withoutAuthority'], DocumentStanding> = {
  waived: { status: 'not_asked', fresh: false, from: 'nobody' },
  refused: {
    ...{ status: 'not_asked', fresh: false, from: 'nobody' },
    refusal: { ...refusal, about: 'no document authority is configured' },
  },
};

import type { Authority, ChangeBegun } from '../../domain/authenticators/index.ts';
import { tokenHash } from '../../platform/ids.ts';
import { one } from './page-parts.ts';
import type { Visitor } from './visitor.ts';

/** What a page begins while the proofs are fresh is finished by that page, which carries it sealed in `begun`. */
const changeOf = ({ subscriber, sessionUid }: Visitor, act: string): ChangeBegun => ({
  ...{ subscriberId: subscriber.id, sessionKey: sessionUid, act },
});

/** With what a form is taken: the proofs of this session, beside those that its page was begun with. */
export function authorityFor(visitor: Visitor, act: string): Authority {
  const { begun } = (visitor.ctx.request.body ?? {}) as { begun?: unknown };
  const { parts, proofs } = visitor;
  const sealed = typeof begun === 'string' ? begun : undefined;
  return parts.authenticators.finishing({ ...changeOf(visitor, act), proofs, begun: sealed });
}

/**
 * What a page carries that begins a change, or is shown again; nothing where a fresh proof has to come first. `from`: the form that
 * led here, whose time goes on.
 */
export const beginsChange = (
  visitor: Visitor,
  act: string,
  { from = authorityFor(visitor, act), seconds }: { from?: Authority; seconds?: number } = {},
): Promise<string | undefined> =>
  visitor.parts.authenticators.beginChange({
    ...{ ...changeOf(visitor, act), authority: from },
    ...(seconds === undefined ? {} : { seconds }),
  });

const context = ({ sessionUid }: Visitor, target: string): string =>
  `kept ${target} ${tokenHash(sessionUid).toString('base64url')}`;

/** What a page shows, sealed for this session: it goes along to the sign-in and comes back with `kept`, readable to nobody else. */
export const kept = (visitor: Visitor, target: string, page: object): string =>
  `${target}.${visitor.parts.sealer.sealText(JSON.stringify(page), context(visitor, target))}`;

/** What came back; nothing of another session's, or of none of ours. */
export function keptPage(visitor: Visitor, target: string): unknown {
  const sealed = one(visitor.ctx.query, 'kept') ?? '';
  try {
    return JSON.parse(visitor.parts.sealer.openText(sealed, context(visitor, target))) as unknown;
  } catch {
    return undefined;
  }
}

const RETURNED = /^([a-z-]{1,40})(?:\.([A-Za-z0-9_-]{1,4096}))?$/;

/** The page that somebody comes back to, and what it kept. */
export function returnedTo(state: string): { readonly target: string; readonly query: string } {
  const [, target = '', sealed] = RETURNED.exec(state) ?? [];
  return { target, query: sealed === undefined ? '' : `?kept=${sealed}` };
}

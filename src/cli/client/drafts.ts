import { isDeepStrictEqual } from 'node:util';
import { faultSentence, newSecretForChange } from '../../domain/relying-parties/index.ts';
import type { Compared } from './compare.ts';
import type { Put, Registry, Request } from './registry.ts';

/** What became of one difference. */
export type DraftOutcome = { readonly clientId: string } & (
  | {
      /** `open`: an earlier run did the very same, and nobody has decided on it. */
      readonly state: 'drafted' | 'proposed' | 'open';
      readonly number: number;
      readonly url: string;
      readonly secret?: string;
      /** Why it could be drafted and not proposed. */
      readonly faults?: readonly string[];
    }
  | { readonly state: 'refused'; readonly faults: readonly string[] }
);

/** Puts each difference before the operators, once. */
export async function draftChanges(
  { registry, issuer, reason }: { readonly registry: Registry; readonly issuer: string; readonly reason: string },
  different: readonly Compared[],
): Promise<DraftOutcome[]> {
  const outcomes: DraftOutcome[] = [];
  for (const compared of different) outcomes.push(await draftOne(registry, compared, { issuer, reason }));
  return outcomes;
}

async function draftOne(
  registry: Registry,
  compared: Compared,
  { issuer, reason }: { readonly issuer: string; readonly reason: string },
): Promise<DraftOutcome> {
  const { client, now, lacksSecret } = compared;
  const { clientId } = client.registration;
  const sentences = (put: Extract<Put, { done: false }>): string[] =>
    put.faults.map((fault) => faultSentence(client.placed?.(fault) ?? fault));
  const told = (state: 'drafted' | 'proposed' | 'open', { id, number }: Request) => ({
    ...{ clientId, state, number },
    url: `${issuer}/operator/changes/${id}`,
  });
  // Whoever was stopped stays so: that is an operator's to say, and no file's.
  const value = { ...client.registration, disabled: now?.disabled ?? false };
  const before = await ownOf(registry, compared, value);
  if (before && (before.state !== 'draft' || !registry.propose)) return told('open', before);
  const fresh = lacksSecret && !before ? newSecretForChange() : undefined;
  const draft: Put = before
    ? { done: true, request: before }
    : await registry.draft(fresh ? { ...value, secretHash: fresh.secretHash } : value, reason);
  if (!draft.done) return { clientId, state: 'refused', faults: sentences(draft) };
  const secret = fresh ? { secret: fresh.secret.reveal() } : {};
  const proposed = await registry.propose?.(draft.request);
  if (proposed?.done) return { ...told('proposed', proposed.request), ...secret };
  return { ...told('drafted', draft.request), ...secret, ...(proposed ? { faults: sentences(proposed) } : {}) };
}

/**
 * A change request of an earlier run of whoever drafts here, which nobody has altered and which says all of the same. What others
 * have written is never put forward in one's own name: it may hold a secret that they know (issue 4: no single person).
 */
async function ownOf(registry: Registry, { client, now, lacksSecret }: Compared, value: unknown) {
  const [drafter, open] = [await registry.drafter(), await registry.open(client.registration.clientId)];
  const wanted: unknown = JSON.parse(JSON.stringify(value));
  return open.find(({ baseVersion, after, state, draftedBy, amendedBy }) => {
    if (draftedBy !== drafter || amendedBy.length > 0 || baseVersion !== now?.number.toString()) return false;
    if (!lacksSecret) return isDeepStrictEqual(after, wanted);
    // The secret that an earlier run made was shown then. What still waits for its proposal gets another one, in a draft of its own.
    const { secretHash: _, ...said } = after as Record<string, unknown>;
    return !(state === 'draft' && registry.propose) && isDeepStrictEqual(said, wanted);
  });
}

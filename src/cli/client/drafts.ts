import { isDeepStrictEqual } from 'node:util';
import type { Approvals, ChangeRequest } from '../../domain/approvals/index.ts';
import { faultSentence, needsSecret, newSecretForChange } from '../../domain/relying-parties/index.ts';
import type { Compared } from './compare.ts';

/** What became of one difference. */
export type DraftOutcome = { readonly clientId: string } & (
  | { readonly state: 'drafted'; readonly number: number; readonly url: string; readonly secret?: string }
  /** An earlier run drafted the very same, and nobody has decided on it. */
  | { readonly state: 'open'; readonly number: number; readonly url: string }
  | { readonly state: 'faulty'; readonly faults: readonly string[] }
);

/** What drafting works with. */
interface DraftParts {
  readonly approvals: Pick<Approvals, 'draft' | 'list'>;
  readonly issuer: string;
}

/**
 * Puts each difference before the operators, once. The command line is a hand that nobody knows: what it drafts binds nobody
 * until an operator proposes it.
 */
export async function draftChanges(
  { approvals, issuer }: DraftParts,
  different: readonly Compared[],
  reason: string,
): Promise<DraftOutcome[]> {
  const outcomes: DraftOutcome[] = [];
  for (const compared of different) outcomes.push(await draftOne({ approvals, issuer }, compared, reason));
  return outcomes;
}

async function draftOne({ approvals, issuer }: DraftParts, compared: Compared, reason: string): Promise<DraftOutcome> {
  const { client, stopped, hasSecret } = compared;
  const { clientId } = client.registration;
  const link = ({ id, number }: ChangeRequest) => ({ clientId, number, url: `${issuer}/operator/changes/${id}` });
  // Whoever was stopped stays so: that is an operator's to say, and no file's.
  const value = { ...client.registration, disabled: stopped };
  const open = await openRequest(approvals, compared, value);
  if (open) return { state: 'open', ...link(open) };
  const fresh = needsSecret(client.registration) && !hasSecret ? newSecretForChange() : undefined;
  const drafted = await approvals.draft({
    kind: 'client',
    value: fresh ? { ...value, secretHash: fresh.secretHash } : value,
    reason,
    by: 'command line',
  });
  if (drafted.drafted) {
    return { state: 'drafted', ...link(drafted.request), ...(fresh ? { secret: fresh.secret.reveal() } : {}) };
  }
  const faults =
    drafted.reason === 'faulty'
      ? drafted.faults.map((fault) => faultSentence(client.placed?.(fault) ?? fault))
      : [WHY_NOT[drafted.reason]];
  return { clientId, state: 'faulty', faults };
}

/** A change request that says the same about the client as it is now, and that is not decided on. */
async function openRequest(
  approvals: DraftParts['approvals'],
  { client, version }: Compared,
  value: unknown,
): Promise<ChangeRequest | undefined> {
  const requests = await approvals.list({
    kinds: ['client'],
    subject: client.registration.clientId,
    states: ['draft', 'proposed', 'scheduled'],
    limit: 200,
  });
  const wanted: unknown = JSON.parse(JSON.stringify(value));
  return requests.find(({ baseVersion, after }) => {
    // A secret is made anew in each draft, and is no reason for another one.
    const { secretHash: _, previousSecretUntil: __, ...said } = after as Record<string, unknown>;
    return baseVersion === version && isDeepStrictEqual(said, wanted);
  });
}

const WHY_NOT = {
  same: 'It is so already.',
  forbidden: 'The command line may not draft this.',
  unknown: 'There is no such client.',
  changed: 'It has changed meanwhile: run this again.',
  not_open: 'The change request is closed.',
} as const;

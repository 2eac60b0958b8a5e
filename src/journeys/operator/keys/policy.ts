import { z } from 'zod';
import type { Policy } from '../../../domain/assurance/index.ts';
import { proposalOf } from '../../../domain/assurance-policies/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { whyNot } from '../changes/amend.ts';
import { readDocument } from '../changes/document.ts';
import { changeUrl } from '../changes/list.ts';
import { type Said, spoken } from '../changes/spoken.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { type PolicyRow, policyPage } from './models.ts';

const wish = z.object({ value: z.string().max(65_536), reason: z.string().trim().max(500).default('') });

interface Again {
  readonly text?: string;
  readonly reason?: string;
  readonly faults?: readonly Said[];
  readonly refused?: Message;
}

/** What each proof is worth and what proofs give together, as it is in force; and a form for the next version. */
export async function showPolicy(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts, acting } = visit;
  const { policies } = parts;
  const [policy, versions, release] = await Promise.all([
    policies.inForce(),
    policies.versions(),
    policies.newerInRelease(),
  ]);
  // `?from=release`: the form begins with what this release would propose.
  const wanted = release && ctx.query.from === 'release' ? proposalOf(release, policy, parts.clock.now()) : policy;
  parts.views.show(
    ctx,
    policyPage,
    {
      ...visit.frame,
      version: policy.version,
      withdrawn: policy.withdrawn,
      ...tables(policy),
      older: versions
        .filter(({ version }) => version !== policy.version)
        .map(({ version, adoptedAt, changeRequest }) => ({
          ...{ version, adoptedAt },
          changeUrl: `/operator/changes/${changeRequest}`,
        })),
      release: release?.version ?? null,
      form: may(acting.roles, 'policy.propose') ? formOf(visit, '/operator/policy') : null,
      text: again.text ?? JSON.stringify(wanted, null, 2),
      reason: again.reason ?? '',
      faults: spoken(again.faults ?? [], parts.views.messages),
      refused: again.refused ?? null,
    },
    { path: '/operator/policy', status: again.faults ? 422 : again.refused ? 409 : 200 },
  );
}

function tables({ worth, combinations, evidence }: Policy): Record<'worth' | 'combinations' | 'evidence', PolicyRow[]> {
  const dates = (row: {
    readonly id: string;
    readonly clause: string;
    effectiveFrom: string;
    effectiveUntil?: string;
  }) => ({
    ...{ id: row.id, clause: row.clause, from: row.effectiveFrom },
    until: row.effectiveUntil ?? null,
  });
  return {
    worth: worth.map((row) => ({ ...dates(row), needs: said(row.proof), gives: row.worth.join(', ') })),
    combinations: combinations.map((row) => ({
      ...dates(row),
      needs: row.needs.join(' + ') + (row.maxAge === undefined ? '' : ` (≤ ${row.maxAge} s)`),
      gives: said(row.gives),
    })),
    evidence: evidence.map(
      ({ id, clause, source: _, effectiveFrom, effectiveUntil, needs, accountLevel, ...about }) => ({
        ...dates({ id, clause, effectiveFrom, ...(effectiveUntil === undefined ? {} : { effectiveUntil }) }),
        ...{ needs: `${said(about)}: ${needs.join(' + ')}`, gives: String(accountLevel) },
      }),
    ),
  };
}

const said = (members: object): string =>
  Object.entries(members)
    .map(([name, value]) => (typeof value === 'string' ? value : `${name}: ${String(value)}`))
    .join(', ');

/** The next version, as a whole: a change request. */
export async function draftPolicy(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, wish);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  const { value: text, reason } = parsed.values;
  const read = readDocument(text);
  if (!read.read) return showPolicy(visit, { text, reason, faults: read.faults });
  const drafted = await visit.parts.approvals.draft({
    ...{ kind: 'assurance-policy', value: read.value, reason, by: visit.acting },
  });
  if (drafted.drafted) return goTo(visit, `${changeUrl(drafted.request)}?notice=drafted`);
  return showPolicy(visit, { text, reason, ...whyNot(drafted) });
}

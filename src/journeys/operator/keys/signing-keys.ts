import { z } from 'zod';
import { may } from '../../../domain/operators/index.ts';
import { ALGORITHMS } from '../../../domain/signing-keys/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { changeUrl } from '../changes/list.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { signingKeysPage } from './models.ts';

const STATES = ['current', 'next', 'retired'] as const;
const rotation = z.object({
  algorithm: z.enum(ALGORITHMS),
  reason: z.string().trim().max(500).default(''),
});

/** What signs now, what will sign next, what has signed: each with its dates and where its private half rests. */
export function showSigningKeys(visit: Visit, refused: Message | null = null): void {
  const { ctx, parts, acting } = visit;
  const keys = parts.signingKeys.list();
  const proposes = may(acting.roles, 'keys.propose') && parts.changeKinds.includes('signing-keys');
  parts.views.show(
    ctx,
    signingKeysPage,
    {
      ...visit.frame,
      groups: STATES.map((state) => ({
        state,
        keys: keys
          .filter((key) => key.state === state)
          .map(({ kid, algorithm, custody, createdAt, ...dates }) => ({
            ...{ kid, algorithm, custody, createdAt },
            usableAt: dates.usableAt ?? null,
            activatedAt: dates.activatedAt ?? null,
            retiredAt: dates.retiredAt ?? null,
            forgottenAt: dates.forgottenAt ?? null,
          })),
      })),
      algorithms: [...new Set(keys.map(({ algorithm }) => algorithm))],
      rotate: proposes ? formOf(visit, '/operator/keys/rotate') : null,
      refused,
    },
    { path: '/operator/keys', status: refused ? 409 : 200 },
  );
}

/** The next key of an algorithm takes over: drafted and proposed in one step; another person approves it. */
export async function rotateKeys(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const parsed = parseForm(ctx, rotation);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  if (!parts.changeKinds.includes('signing-keys')) throw new EidError('http.not_found');
  const { algorithm, reason } = parsed.values;
  const current = parts.signingKeys.list().find((key) => key.algorithm === algorithm && key.state === 'current');
  const next = parts.signingKeys.list().find((key) => key.algorithm === algorithm && key.state === 'next');
  const value = { algorithm, retires: current?.kid ?? null, follows: next?.kid ?? null };
  const drafted = await parts.approvals.draft({ kind: 'signing-keys', value, reason, by: acting });
  if (!drafted.drafted)
    return showSigningKeys(visit, reason === '' ? 'console.reason.missing' : `draft.refused.${drafted.reason}`);
  const { id, revision } = drafted.request;
  const step = await parts.approvals.propose(id, { revision, by: acting });
  return goTo(visit, `${changeUrl(drafted.request)}?notice=${step.done ? 'proposed' : 'drafted'}`);
}

import { handsOf } from '../../domain/approvals/index.ts';
import { FEWEST_APPROVERS, isThin, may } from '../../domain/operators/index.ts';
import { rowsOf, visibleKinds } from './changes/list.ts';
import { verificationState } from './ledger/journal.ts';
import { type HomeCards, homePage } from './models.ts';
import type { Visit } from './visit.ts';

/** More than these nobody reads on a first page; the lists have all of them. */
const SHOWN = 5;

/** Where an operator begins: what waits for them, and what they may do here. */
export async function showHome(visit: Visit): Promise<void> {
  const { ctx, parts, acting, frame } = visit;
  const lede = acting.roles.length === 0 ? 'operator.home.no-roles' : 'operator.home.lede';
  const [changes, reserve, expiring, dead, journal] = await Promise.all([
    changesFor(visit),
    reserveFor(visit),
    expiringFor(visit),
    may(acting.roles, 'deliveries.view') ? parts.deliveries.counts().then((counts) => counts.dead) : null,
    may(acting.roles, 'journal.view') ? parts.verifications.state().then(verificationState) : null,
  ]);
  parts.views.show(ctx, homePage, {
    ...frame,
    roles: acting.roles,
    lede,
    ...changes,
    reserve,
    expiring,
    dead,
    journal,
  });
}

/** What waits for somebody like them, and what the command line has drafted that nobody has made their own. */
async function changesFor(visit: Visit): Promise<Pick<HomeCards, 'waiting' | 'drafts'>> {
  const { parts, acting } = visit;
  if (!may(acting.roles, 'changes.view')) return { waiting: null, drafts: null };
  const kinds = visibleKinds(visit);
  const approves = kinds.filter((kind) => may(acting.roles, parts.approvals.subjectOf(kind).approve));
  const proposes = kinds.filter((kind) => may(acting.roles, parts.approvals.subjectOf(kind).propose));
  const [proposed, drafts] = await Promise.all([
    approves.length > 0 ? parts.approvals.list({ kinds: approves, states: ['proposed'], limit: 50 }) : [],
    proposes.length > 0 ? parts.approvals.list({ kinds: proposes, states: ['draft'], limit: 50 }) : [],
  ]);
  const mine = proposed.filter((request) => !handsOf(request).includes(acting.operatorId)).slice(0, SHOWN);
  const unknownHand = drafts.filter(({ draftedBy }) => draftedBy === 'command line').slice(0, SHOWN);
  return {
    waiting: approves.length > 0 ? await rowsOf(visit, mine) : null,
    drafts: proposes.length > 0 ? await rowsOf(visit, unknownHand) : null,
  };
}

/** Whether enough work here: who loses every passkey is let in again by two others. */
async function reserveFor({ parts, acting }: Visit): Promise<HomeCards['reserve']> {
  if (!may(acting.roles, 'operators.view')) return null;
  const reserve = await parts.operators.reserve();
  if (!isThin(reserve)) return null;
  const { approvers, thin, indispensable } = reserve;
  return { approvers: approvers < FEWEST_APPROVERS ? approvers : null, thin, indispensable };
}

/** Keys and secrets of clients and certificates whose end is near or past, the soonest first. */
async function expiringFor({ parts, acting }: Visit): Promise<HomeCards['expiring']> {
  const now = parts.clock.now();
  const clients = may(acting.roles, 'clients.view') ? await parts.relyingParties.expiring(now, 2 * SHOWN) : null;
  const trust = may(acting.roles, 'trust.view') ? await parts.trustStore.warnings(now) : null;
  if (!clients && !trust) return null;
  return [
    ...(trust ?? []).map(({ what, subject, at }) => ({
      what: `trust-warning.${what}`,
      of: subject,
      at: at ?? null,
      url: '/operator/trust',
    })),
    ...(clients ?? []).map(({ clientId, what, kid, expiresAt }) => ({
      what: `expiring.${what}`,
      of: kid ? `${clientId} · ${kid}` : clientId,
      at: expiresAt,
      url: `/operator/clients/${encodeURIComponent(clientId)}`,
    })),
  ].slice(0, 2 * SHOWN);
}

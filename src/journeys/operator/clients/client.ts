import type { StepRefusal } from '../../../domain/approvals/index.ts';
import { may } from '../../../domain/operators/index.ts';
import type { ClientVersion, ParsedRegistration } from '../../../domain/relying-parties/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Message } from '../../../platform/messages.ts';
import { notesOf } from '../../../platform/request.ts';
import { rowsOf } from '../changes/list.ts';
import { diffLines } from '../changes/words.ts';
import { deliveryRow } from '../ledger/deliveries.ts';
import { one } from '../page-parts.ts';
import { formOf, namesOf, type Visit } from '../visit.ts';
import { inWords } from './in-words.ts';
import { clientUrl } from './list.ts';
import { type ClientPage, clientPage, comparePage } from './models.ts';

const VERSIONS = 20;
const NOTICES = new Set(['disabled']);

/** A client as its last version says it, and the versions before. */
export async function versionsOf({ ctx, parts }: Visit): Promise<[ClientVersion, ...ClientVersion[]]> {
  const before = Number(one(ctx.query.from));
  const clientId = ctx.params.id ?? '';
  const [latest] = await parts.relyingParties.versions(clientId, { limit: 1 });
  if (!latest) throw new EidError('http.not_found');
  const older = await parts.relyingParties.versions(clientId, {
    ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
    limit: VERSIONS,
  });
  return [latest, ...older];
}

/** What is stored has been parsed when it was saved. */
export const registrationOf = ({ registration }: ClientVersion): ParsedRegistration =>
  registration as unknown as ParsedRegistration;

/** A client in words, its versions, what is under way about it, and what left this server for it. */
export async function showClient(visit: Visit, refused: StepRefusal | 'reason_missing' | null = null): Promise<void> {
  const { ctx, parts, acting } = visit;
  const { locale } = notesOf(ctx.req);
  const [latest, ...versions] = await versionsOf(visit);
  const registration = registrationOf(latest);
  const { clientId } = registration;
  const url = clientUrl(clientId);
  const sees = may(acting.roles, 'deliveries.view');
  const [links, requests, deliveries] = await Promise.all([
    parts.accountLinks.atClient(clientId),
    parts.approvals.list({
      kinds: ['client'],
      subject: clientId,
      states: ['draft', 'proposed', 'scheduled'],
      limit: 20,
    }),
    sees ? parts.deliveries.list({ clientId, limit: 10 }) : { entries: [] },
  ]);
  const names = await namesOf(
    visit,
    versions.map(({ by }) => operatorOf(by)),
  );
  const proposes = may(acting.roles, 'clients.propose');
  const notice = one(ctx.query.notice);
  parts.views.show(
    ctx,
    clientPage,
    {
      ...visit.frame,
      ...inWords(registration, locale, parts.clock.now()),
      disabledAt: latest.disabled ? latest.at : null,
      versions: versions.map(({ number, at, by, disabled, changeRequest }) => ({
        ...{ number, at, disabled },
        by: names.get(operatorOf(by) ?? '') ?? by,
        changeUrl: changeRequest ? `/operator/changes/${changeRequest}` : null,
      })),
      olderVersions: versions.length === VERSIONS ? `${url}?from=${versions.at(-1)?.number}#versions` : null,
      compareUrl: `${url}/compare`,
      restore: proposes ? formOf(visit, '/operator/clients/:id/restore', clientId) : null,
      changeUrl: proposes ? `${url}/change` : null,
      disable:
        may(acting.roles, 'clients.disable') && !latest.disabled
          ? formOf(visit, '/operator/clients/:id/disable', clientId)
          : null,
      enableUrl: proposes && latest.disabled ? `${url}/change` : null,
      requests: await rowsOf(visit, requests),
      deliveries: deliveries.entries.map(deliveryRow),
      deliveriesUrl: sees ? `/operator/deliveries?client=${encodeURIComponent(clientId)}` : null,
      links,
      notice: notice && NOTICES.has(notice) ? `console.client.notice.${notice}` : null,
      refused: refused && refusalOf(refused),
    },
    { status: refused ? 409 : 200, path: url, title: { key: 'console.client.title.named', values: { id: clientId } } },
  );
}

const refusalOf = (refused: StepRefusal | 'reason_missing'): Message =>
  refused === 'reason_missing' ? 'console.reason.missing' : `step.refused.${refused}`;

/** Whose hand a version is by, when it was an operator's. */
const operatorOf = (by: string): string | undefined => /^operator:(.+)$/.exec(by)?.[1];

/** Any two versions beside one another. */
export async function compareVersions(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const clientId = ctx.params.id ?? '';
  const [from, to] = [Number(one(ctx.query.older)), Number(one(ctx.query.to))];
  const known = [from, to].every((number) => Number.isSafeInteger(number) && number > 0);
  const diff = known ? await parts.relyingParties.diff(clientId, from, to) : undefined;
  if (!diff) throw new EidError('http.not_found');
  parts.views.show(ctx, comparePage, {
    ...visit.frame,
    ...{ clientId, from, to },
    backUrl: `${clientUrl(clientId)}#versions`,
    diff: diffLines(diff, parts.views.messages),
  });
}

/** What `inWords` says, as the page takes it. */
export type InWords = Pick<
  ClientPage,
  | 'clientId'
  | 'name'
  | 'relyingParty'
  | 'relyingPartyUrl'
  | 'environment'
  | 'fapi'
  | 'purpose'
  | 'authMethod'
  | 'redirectUris'
  | 'logoutUri'
  | 'eventsUri'
  | 'inPerson'
  | 'jwksUri'
  | 'keys'
  | 'secretExpiresAt'
  | 'floors'
  | 'purposes'
  | 'scopes'
  | 'claims'
>;

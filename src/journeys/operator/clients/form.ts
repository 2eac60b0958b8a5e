import { z } from 'zod';
import type { Drafted } from '../../../domain/approvals/index.ts';
import { needsSecret, newSecretForChange, SECTORS } from '../../../domain/relying-parties/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm, pressed } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { whyNot } from '../changes/amend.ts';
import { readDocument, writeDocument } from '../changes/document.ts';
import { changeUrl } from '../changes/list.ts';
import { type Said, spoken } from '../changes/spoken.ts';
import { choices } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { registrationOf, versionsOf } from './client.ts';
import { fieldsOf, registrationFrom } from './fields.ts';
import { clientUrl } from './list.ts';
import { clientFormPage, draftedSecretPage } from './models.ts';
import { nextPlace, purposesIn, withAnother, without } from './purposes.ts';

const METHODS = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'] as const;
const ENVIRONMENTS = ['production', 'sandbox'] as const;

const entered = z.record(z.string(), z.string().max(65_536));

interface Again {
  readonly fields?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly reason?: string;
  readonly faults?: readonly Said[];
  readonly refused?: Message;
}

/** What the form begins with: what is so now, or the least that a new client needs. */
async function baseOf(visit: Visit): Promise<Record<string, unknown>> {
  const { id } = visit.ctx.params;
  if (id !== undefined) {
    const [latest] = await versionsOf(visit);
    return { ...registrationOf(latest), disabled: latest.disabled };
  }
  return {
    environment: visit.parts.views.sandbox ? 'sandbox' : 'production',
    metadata: { token_endpoint_auth_method: 'private_key_jwt' },
    allowedScopes: ['openid'],
  };
}

/** The main fields of a client as a form, and the whole of it as a document: of a new client, or of one that is there. */
export async function showClientForm(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts } = visit;
  const clientId = ctx.params.id ?? null;
  const base = await baseOf(visit);
  // A box that is not ticked is not sent, and is then not ticked.
  const fields = again.fields ? { ...fieldsOf({}), ...again.fields } : fieldsOf(base);
  const pattern = clientId === null ? '/operator/clients' : '/operator/clients/:id/change';
  const form = formOf(visit, pattern, clientId ?? '');
  const select = <T extends string>(values: readonly T[], name: string, words: readonly string[]) =>
    choices(values, fields[name], (value) => (value ? [...words, value].join('.') : 'console.none')).options;
  parts.views.show(
    ctx,
    clientFormPage,
    {
      ...visit.frame,
      clientId,
      backUrl: clientId === null ? '/operator/clients' : clientUrl(clientId),
      form,
      fields,
      purposes: purposesIn(fields),
      nextPurpose: nextPlace(fields),
      environment: select(ENVIRONMENTS, 'environment', ['client', 'environment']),
      authMethod: select(METHODS, 'authMethod', ['client', 'method']),
      sector: select(SECTORS, 'sector', ['sector']),
      accountLevel: select(['1', '2'], 'accountLevel', ['client', 'level']),
      authenticationLevel: select(['1', '2', '3', '4'], 'authenticationLevel', ['client', 'level']),
      proofing: select(['any', 'in_person'], 'proofing', ['client', 'proofing']),
      document: form,
      text: again.text ?? writeDocument(base),
      reason: again.reason ?? '',
      faults: spoken(again.faults ?? [], parts.views.messages),
      refused: again.refused ?? null,
    },
    {
      path: clientId === null ? '/operator/new-client' : `${clientUrl(clientId)}/change`,
      status: again.faults ? 422 : again.refused ? 409 : 200,
    },
  );
}

/** Drafts what was entered, by whichever of the two forms; nothing of it is in force before two people say so. */
export async function saveClientForm(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, entered);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  const { csrf: _, reason = '', ...fields } = parsed.values;
  if (pressed(visit.ctx, 'document')) {
    const text = fields.value ?? '';
    const read = readDocument(text);
    if (!read.read) return showClientForm(visit, { text, reason, faults: read.faults });
    return save(visit, read.value, { text, reason });
  }
  const base = await baseOf(visit);
  const single = () => registrationFrom(base, fields);
  // The same form once more, with one purpose more or less: nothing is looked at or saved before its own button.
  if (pressed(visit.ctx, 'addPurpose')) return showClientForm(visit, { fields: withAnother(fields, single), reason });
  if (pressed(visit.ctx, 'removePurpose'))
    return showClientForm(visit, { fields: without(fields, fields.removePurpose ?? ''), reason });
  return save(visit, registrationFrom(base, fields), { fields, reason });
}

async function save(visit: Visit, value: unknown, again: Again & { readonly reason: string }): Promise<void> {
  const { ctx, parts, acting } = visit;
  const { id } = ctx.params;
  const given = (value ?? {}) as Record<string, unknown>;
  if (id !== undefined && given.clientId !== id)
    return showClientForm(visit, { ...again, faults: [{ path: 'clientId', message: `This form changes ${id}.` }] });
  const secret = (await wantsSecret(visit, given)) ? newSecretForChange() : undefined;
  const drafted = await parts.approvals.draft({
    kind: 'client',
    value: secret ? { ...given, secretHash: secret.secretHash } : value,
    reason: again.reason,
    by: acting,
  });
  if (!drafted.drafted) return showClientForm(visit, { ...again, ...refusalOf(drafted, again.reason) });
  const url = changeUrl(drafted.request);
  if (!secret) return goTo(visit, `${url}?notice=drafted`);
  // Once, on the answer of this very post: only its hash is kept anywhere.
  const model = { clientId: drafted.request.subject, secret: secret.secret.reveal(), changeUrl: url };
  return parts.views.show(ctx, draftedSecretPage, { ...visit.frame, ...model }, { path: null });
}

const refusalOf = (drafted: Extract<Drafted, { drafted: false }>, reason: string): Again =>
  drafted.reason === 'faulty' && reason === '' && drafted.faults.length === 0
    ? { refused: 'console.reason.missing' }
    : whyNot(drafted);

/** A client that authenticates by a secret and has had none gets one with its draft. */
async function wantsSecret(visit: Visit, given: Record<string, unknown>): Promise<boolean> {
  const has = (registration: Record<string, unknown>): boolean =>
    needsSecret({ metadata: (registration.metadata ?? {}) as Record<string, unknown> });
  if (!has(given) || given.secretHash !== undefined) return false;
  const clientId = typeof given.clientId === 'string' ? given.clientId : '';
  const [latest] = await visit.parts.relyingParties.versions(clientId, { limit: 1 });
  return !latest || !has(latest.registration);
}

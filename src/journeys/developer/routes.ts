import Router from '@koa/router';
import type { Csrf } from '../../platform/csrf.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { cardRoutes, type TestCards } from './cards.ts';
import { sandboxIndexPage, sandboxMessagesPage, sandboxOperatorsPage, sandboxPersonasPage } from './models.ts';
import { type Newcomers, newcomerRoutes } from './newcomers.ts';
import { type Reporting, registerReportRoutes } from './register.ts';

interface Bilingual {
  readonly vi: string;
  readonly en: string;
}

/** An invented person, and how to sign in as them. */
export interface Persona {
  readonly id: string;
  readonly story: Bilingual;
  readonly name: string;
  readonly identityNumber: string;
  readonly phone?: string;
  readonly accountLevel: 1 | 2;
  readonly password?: string;
  /** Base32. */
  readonly totpSecret?: string;
}

/** An invented operator, and the invitation that opens as often as one likes. */
export interface InventedOperator {
  readonly id: string;
  readonly name: string;
  readonly identityNumber: string;
  readonly roles: readonly string[];
  readonly story: Bilingual;
  readonly code: string;
  /** Where the code is typed already. */
  readonly invitation: string;
}

/** A message that the simulated channels kept instead of sending it. */
export interface KeptMessage {
  readonly id: string;
  readonly medium: 'sms' | 'mail';
  readonly to: string;
  readonly subject?: string | undefined;
  readonly text: string;
  readonly at: Date;
}

/** What the sandbox's own pages show. They are mounted in a sandbox and nowhere else. */
export interface DeveloperParts {
  readonly views: Views;
  readonly csrf: Csrf;
  readonly cards: TestCards;
  readonly newcomers: Newcomers;
  /** None where another register reports to this sandbox. */
  readonly reporting: Reporting | undefined;
  readonly issuer: string;
  readonly personas: readonly Persona[];
  readonly operators: readonly InventedOperator[];
  /** As `GET /sandbox/clients.json` answers them, secrets and private keys included: they open nothing but a sandbox. */
  readonly clients: readonly object[];
  readonly samples: readonly { readonly name: Bilingual; readonly url: string; readonly what: Bilingual }[];
  messages(limit: number): Promise<readonly KeptMessage[]>;
}

/** Everything below `/sandbox`. */
export function developerRoutes(parts: DeveloperParts): Router {
  const { views, issuer, personas } = parts;
  const router = new Router({ prefix: '/sandbox' });
  router.get('/', (ctx) => {
    const { locale } = notesOf(ctx.req);
    const samples = parts.samples.map(({ name, url, what }) => ({ name: name[locale], url, what: what[locale] }));
    const registerUrl = parts.reporting ? '/sandbox/register' : null;
    views.show(ctx, sandboxIndexPage, { issuer, samples, registerUrl });
  });
  router.get('/personas', (ctx) => {
    const { locale } = notesOf(ctx.req);
    views.show(ctx, sandboxPersonasPage, {
      personas: personas.map((one) => ({
        id: one.id,
        name: one.name,
        identityNumber: one.identityNumber,
        phone: one.phone ?? null,
        accountLevel: one.accountLevel,
        story: { text: one.story[locale] },
        password: one.password ?? null,
        totpSecret: one.totpSecret ?? null,
        totpUri: one.totpSecret ? otpauth(one.name, one.totpSecret) : null,
      })),
    });
  });
  cardRoutes(router, parts);
  newcomerRoutes(router, parts);
  if (parts.reporting) registerReportRoutes(router, { ...parts, reporting: parts.reporting });
  router.get('/operators', (ctx) => {
    const { locale } = notesOf(ctx.req);
    const operators = parts.operators.map(({ code: _code, story, ...one }) => ({ ...one, story: story[locale] }));
    views.show(ctx, sandboxOperatorsPage, { operators });
  });
  router.get('/operators.json', (ctx) => {
    ctx.body = { test: true, operators: parts.operators };
  });
  router.get('/messages', async (ctx) => {
    const messages = (await parts.messages(50)).map(({ id, medium, to, subject, text, at }) => ({
      ...{ id, channel: medium, to, text, at },
      subject: subject ?? null,
    }));
    views.show(ctx, sandboxMessagesPage, { messages });
  });
  router.get('/messages.json', async (ctx) => {
    ctx.body = { messages: await parts.messages(50) };
  });
  router.get('/personas.json', (ctx) => {
    ctx.body = { test: true, personas };
  });
  router.get('/clients.json', (ctx) => {
    ctx.body = { test: true, clients: parts.clients };
  });
  return router;
}

/** What an authenticator app reads (Key Uri Format). */
const otpauth = (name: string, secret: string): string =>
  `otpauth://totp/SenID:${encodeURIComponent(name)}?secret=${secret}&issuer=SenID`;

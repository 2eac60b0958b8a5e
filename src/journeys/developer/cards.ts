import type Router from '@koa/router';
import { z } from 'zod';
import type { Csrf } from '../../platform/csrf.ts';
import { EidError } from '../../platform/errors.ts';
import { parseForm, readForm, readJson } from '../../platform/forms.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { sandboxCardsPage, sandboxTappedPage } from './models.ts';

interface Bilingual {
  readonly vi: string;
  readonly en: string;
}

/** A software card of an invented person: a good one, or one with something wrong. */
export interface TestCard {
  readonly id: string;
  readonly personaId: string;
  readonly label: Bilingual;
  /** What a sign-in with it comes to: `accepted`, or the reason code of the refusal. */
  readonly expected: string;
}

/** The cards, and the reader that they are held to. */
export interface TestCards {
  readonly cards: readonly TestCard[];
  readonly personas: readonly { readonly id: string; readonly name: string; readonly identityNumber: string }[];
  /** Holds a card to a reader session: over the network, by the protocol that every reader speaks. */
  tap(
    cardId: string,
    reader: { readonly session: string; readonly token: string },
  ): Promise<{ readonly status: 'accepted' | 'refused'; readonly code?: string }>;
}

const readerForm = z.object({
  session: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  token: z.string().regex(/^[A-Za-z0-9_-]{20,64}$/),
});
const tapForm = readerForm.extend({ card: z.string().max(100) });

/** The drawer of test cards, and holding one of them to the reader of a page that waits. */
export function cardRoutes(router: Router, parts: { views: Views; csrf: Csrf; cards: TestCards }): void {
  const { views, csrf, cards } = parts;
  const drawer = (locale: 'vi' | 'en') =>
    cards.personas
      .map((persona) => ({
        ...persona,
        cards: cards.cards
          .filter(({ personaId }) => personaId === persona.id)
          .map(({ id, label, expected }) => ({ id, label: label[locale], expected })),
      }))
      .filter((persona) => persona.cards.length > 0);

  router.get('/cards', (ctx) =>
    views.show(ctx, sandboxCardsPage, { people: drawer(notesOf(ctx.req).locale), reader: null }),
  );

  router.get('/cards.json', (ctx) => {
    ctx.body = { test: true, cards: cards.cards };
  });

  // For programs that stand for a counter: whoever has the token of a reading may hold a card to it, by a telephone or by this.
  router.post('/reader', readJson({ limit: '4kb', depth: 2 }), async (ctx) => {
    notesOf(ctx.req).program = true;
    const parsed = parseForm(ctx, tapForm);
    const card = parsed.ok ? cards.cards.find(({ id }) => id === parsed.values.card) : undefined;
    if (!parsed.ok || !card) throw new EidError('http.bad_request');
    ctx.body = { test: true, expected: card.expected, ...(await cards.tap(card.id, parsed.values)) };
  });

  router.post('/cards', readForm(), (ctx) => {
    const { session = '' } = ctx.request.body as Record<string, string>;
    csrf.check(ctx, session, 'sandbox-cards');
    const parsed = parseForm(ctx, readerForm);
    const reader = parsed.ok
      ? { action: '/sandbox/cards/tap', csrf: csrf.token(session, 'sandbox-tap'), ...parsed.values }
      : null;
    views.show(ctx, sandboxCardsPage, { people: drawer(notesOf(ctx.req).locale), reader }, { path: null });
  });

  router.post('/cards/tap', readForm(), async (ctx) => {
    const { session = '' } = ctx.request.body as Record<string, string>;
    csrf.check(ctx, session, 'sandbox-tap');
    const parsed = parseForm(ctx, tapForm);
    const card = parsed.ok ? cards.cards.find(({ id }) => id === parsed.values.card) : undefined;
    if (!parsed.ok || !card) {
      return views.show(
        ctx,
        sandboxCardsPage,
        { people: drawer(notesOf(ctx.req).locale), reader: null },
        { path: null },
      );
    }
    const { status, code } = await cards.tap(card.id, parsed.values);
    const label = card.label[notesOf(ctx.req).locale];
    views.show(ctx, sandboxTappedPage, { label, expected: card.expected, status, code: code ?? null }, { path: null });
  });
}

import type Router from '@koa/router';
import { EidError } from '../../platform/errors.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { sandboxNewcomersPage } from './models.ts';

interface Bilingual {
  readonly vi: string;
  readonly en: string;
}

/** Somebody of the simulated register who has no account yet, with what is printed on their card. */
export interface CardOfNewcomer {
  readonly id: string;
  readonly name: string;
  readonly identityNumber: string;
  readonly birthdate: string;
  readonly phone?: string;
  readonly documentExpiresOn?: string;
  /** The name and number of who signs up for them. */
  readonly guardian?: { readonly name: string; readonly identityNumber: string };
  readonly story: Bilingual;
  readonly tryThis: Bilingual;
}

/** An organisation of the simulated register of enterprises. */
export interface CardOfEnterprise {
  readonly code: string;
  readonly name: string;
  readonly status: 'active' | 'suspended' | 'dissolved';
  /** Their names. */
  readonly representatives: readonly string[];
  readonly story: Bilingual;
  readonly tryThis: Bilingual;
}

/** The people to sign up as, their pictures, and what makes those who are asked fall silent. */
export interface Newcomers {
  readonly people: readonly CardOfNewcomer[];
  readonly enterprises: readonly CardOfEnterprise[];
  /** What may be the matter with a picture, in the words of the messages. */
  readonly marks: readonly string[];
  /** JPEG; undefined when nobody has that name, or no picture of that kind. `card` is the small one. */
  picture(id: string, mark: string): Promise<Buffer> | undefined;
  /** The same as a camera takes it at this moment: no two are the same. */
  camera(id: string, mark: string): Promise<Buffer> | undefined;
  readonly magic: readonly { readonly value: string; readonly what: string }[];
}

/** The cards of people who have no account yet, to be printed or read from the screen. */
export function newcomerRoutes(router: Router, { views, newcomers }: { views: Views; newcomers: Newcomers }): void {
  const { people, enterprises, marks, magic } = newcomers;

  router.get('/newcomers', (ctx) => {
    const { locale } = notesOf(ctx.req);
    views.show(ctx, sandboxNewcomersPage, {
      people: people.map(({ story, tryThis, phone, documentExpiresOn, guardian, ...card }) => ({
        ...card,
        phone: phone ?? null,
        documentExpiresOn: documentExpiresOn ?? null,
        guardian: guardian ?? null,
        story: story[locale],
        tryThis: tryThis[locale],
      })),
      enterprises: enterprises.map(({ story, tryThis, ...card }) => ({
        ...{ ...card, story: story[locale], tryThis: tryThis[locale] },
      })),
      ...{ marks, magic },
    });
  });

  router.get('/newcomers.json', (ctx) => {
    ctx.body = { test: true, newcomers: people, enterprises, marks, magic };
  });

  router.get('/pictures/:id/:file', async (ctx) => {
    const { id = '', file = '' } = ctx.params as Record<string, string | undefined>;
    const picture = file.endsWith('.jpg') ? newcomers.picture(id, file.slice(0, -4)) : undefined;
    if (!picture) throw new EidError('http.not_found');
    ctx.type = 'image/jpeg';
    // The same for ever: a drawing follows from the number.
    ctx.set('cache-control', 'public, max-age=86400');
    ctx.body = await picture;
  });

  router.get('/camera/:id/:file', async (ctx) => {
    const { id = '', file = '' } = ctx.params as Record<string, string | undefined>;
    const picture = file.endsWith('.jpg') ? newcomers.camera(id, file.slice(0, -4)) : undefined;
    if (!picture) throw new EidError('http.not_found');
    ctx.type = 'image/jpeg';
    ctx.body = await picture;
  });
}

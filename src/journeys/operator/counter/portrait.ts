import { PICTURE_LIMITS } from '../../../domain/applications/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Visit } from '../visit.ts';
import { counterPortraitPage } from './models.ts';
import { silent } from './steps.ts';
import { actOf, applicationOf, backTo, COUNTER, counterOf, noteLook, officerOf } from './visit.ts';

/** The picture, and the bytes of a form around it. */
export const PORTRAIT_OCTETS = PICTURE_LIMITS.octets + 65_536;

/** The camera of the counter, or a file where there is none. */
export async function showPortrait(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const application = await applicationOf(visit);
  const model = { reference: application.reference, ...actOf(visit, COUNTER.portrait, application), errors };
  visit.parts.views.show(
    visit.ctx,
    counterPortraitPage,
    { ...visit.frame, ...model, backUrl: `/operator/counter/${application.id}` },
    { path: null, status: Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

/** Compared at once: the officer reads the outcome, and how far it was from another one nobody reads. */
export async function takePortrait(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const { picture } = visit.ctx.request.body as { picture?: Buffer | string };
  if (!Buffer.isBuffer(picture) || picture.length === 0)
    return showPortrait(visit, { picture: 'console.level-2.portrait.missing' });
  try {
    const found = await counterOf(visit).portrait(application, picture, officerOf(visit));
    if (found.done) return backTo(visit, application, found.result);
    if (found.reason !== 'picture') return backTo(visit, application, found.reason);
    return showPortrait(visit, {
      picture: `console.level-2.portrait.${(found.picture ?? 'unreadable').replaceAll('_', '-')}`,
    });
  } catch (error) {
    return silent(visit, error);
  }
}

const KINDS = ['taken', 'reference'] as const;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

/** A face, to whoever decides, for as long as nothing is decided. Kept by no browser. */
export async function showPicture(visit: Visit): Promise<void> {
  const { ctx } = visit;
  const application = await applicationOf(visit);
  const kind = KINDS.find((one) => one === ctx.params.kind);
  const image = kind && (await counterOf(visit).picture(application.id, kind));
  if (!image) throw new EidError('http.not_found');
  await noteLook(visit, application);
  ctx.type = image.subarray(0, 4).equals(PNG) ? 'image/png' : 'image/jpeg';
  ctx.set('cache-control', 'no-store');
  ctx.body = image;
}

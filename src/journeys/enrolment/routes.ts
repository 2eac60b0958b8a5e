import Router from '@koa/router';
import type { Middleware } from 'koa';
import { readForm } from '../../platform/forms.ts';
import { notesOf } from '../../platform/request.ts';
import { readPictureForm } from '../face-form.ts';
import * as activate from './activate.ts';
import * as after from './after.ts';
import * as form from './form.ts';
import { type EnrolmentParts, goTo, type Visit, visitOf } from './visit.ts';
import * as locking from './ward-lock.ts';
import * as wards from './wards.ts';

type Handle = (visit: Visit) => Promise<void> | void;

const { PAGES } = form;
const { AFTER } = after;
const { ACTIVATE } = activate;
const { WARDS } = wards;

/** Every page of signing up: what it shows, and what becomes of what it posts. In the order of the journey. */
const PAIRS: readonly {
  readonly path: string;
  readonly show?: Handle;
  readonly take?: Handle;
  readonly file?: true;
}[] = [
  { path: PAGES.start, show: form.showStart },
  { path: PAGES.identity, show: (visit) => form.showIdentity(visit), take: form.takeIdentity },
  { path: PAGES.phone, show: (visit) => form.showPhone(visit), take: form.takePhone },
  { path: PAGES.code, show: (visit) => form.showCode(visit), take: form.takeCode },
  { path: PAGES.privacy, show: (visit) => form.showPrivacy(visit), take: form.takePrivacy },
  { path: PAGES.face, show: (visit) => form.showFace(visit), take: form.takeFace, file: true },
  { path: PAGES.summary, show: (visit) => form.showSummary(visit), take: form.submit },
  { path: PAGES.submitted, show: form.showSubmitted },
  { path: AFTER.status, show: (visit) => after.showStatusForm(visit), take: after.askStatus },
  { path: AFTER.statusCode, show: (visit) => after.showStatusCode(visit), take: after.takeStatusCode },
  { path: AFTER.application, show: after.showStanding },
  { path: AFTER.picture, show: (visit) => after.showPicture(visit), take: after.takePicture, file: true },
  { path: AFTER.withdraw, take: after.withdraw },
  { path: AFTER.stop, show: (visit) => after.showStop(visit), take: after.stop },
  { path: ACTIVATE.code, show: (visit) => activate.showActivate(visit), take: activate.openActivation },
  { path: ACTIVATE.phone, show: (visit) => activate.showActivationCode(visit), take: activate.takeActivationCode },
  { path: ACTIVATE.ways, show: activate.showWays },
  { path: ACTIVATE.passkey, take: activate.activateByPasskey },
  { path: ACTIVATE.password, take: activate.activateByPassword },
  { path: ACTIVATE.done, show: activate.showActivated },
];

/** What takes a post, for the test that walks them (abuse case 25). */
export const ENROLMENT_POSTS: readonly string[] = [
  ...PAIRS.filter(({ take }) => take).map(({ path }) => path),
  ...[WARDS.one, WARDS.lock, WARDS.unlock],
];

/** Signing up: an application at level 1, what becomes of it, and a guardian's for a child. */
export function enrolmentRoutes(parts: EnrolmentParts): Router {
  const router = new Router();
  const pictures = readPictureForm();
  const forms: Middleware[] = [readForm({ limit: '32kb' })];

  for (const { path, show, take, file } of PAIRS) {
    if (show) router.get(path, (ctx) => show(visitOf(ctx, parts)));
    if (take)
      router.post(path, ...(file ? pictures : forms), async (ctx) => {
        const visit = visitOf(ctx, parts);
        parts.csrf.check(ctx, visit.token, path);
        await take(visit);
      });
    // What takes posts alone is opened again by its address, after a reload: back to where it is asked.
    if (take && !show)
      router.get(path, (ctx) => goTo({ ctx }, path.startsWith(ACTIVATE.code) ? ACTIVATE.ways : AFTER.application));
  }

  const guarded =
    (handle: (guardian: wards.Guardian) => Promise<void>, target: string): Middleware =>
    async (ctx) => {
      const guardian = await wards.guardianOf(ctx, parts, notesOf(ctx.req).locale);
      if (!guardian) return goTo({ ctx }, parts.signInUrl(target));
      if (ctx.method === 'POST') parts.csrf.check(ctx, guardian.session.uid, ctx.path);
      return handle(guardian);
    };
  router.get(WARDS.all, guarded(wards.showWards, 'wards'));
  router.get(
    WARDS.one,
    guarded((guardian) => wards.showWard(guardian), 'add-ward'),
  );
  router.post(WARDS.one, ...forms, guarded(wards.takeWard, 'add-ward'));
  router.get(WARDS.lock, guarded(locking.showWardLock, 'wards'));
  router.post(WARDS.lock, ...forms, guarded(locking.lockWard, 'wards'));
  router.post(WARDS.unlock, ...forms, guarded(locking.unlockWard, 'wards'));
  return router;
}

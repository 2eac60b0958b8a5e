import type { Access, ConsoleRoute } from '../session.ts';
import type { PageParts, Visit } from '../visit.ts';
import { cardState, openCard, practiseCard, readCard } from './card.ts';
import { showCase } from './case.ts';
import { giveCode, showHandout } from './handout.ts';
import { PORTRAIT_OCTETS, showPicture, showPortrait, takePortrait } from './portrait.ts';
import { findApplication, showQueue } from './queue.ts';
import { receive, showReceive } from './receive.ts';
import {
  approve,
  askFor,
  confirm,
  dismiss,
  propose,
  refuseApplication,
  take,
  takeFingerprints,
  withdraw,
} from './steps.ts';
import { COUNTER } from './visit.ts';

type Handle = (visit: Visit) => Promise<void> | void;
const get = (path: string, permission: Access, handle: Handle): ConsoleRoute<PageParts> => ({
  ...{ method: 'get', path, permission, handle },
});
const post = (path: string, permission: Access, handle: Handle): ConsoleRoute<PageParts> => ({
  ...{ method: 'post', path, permission, handle },
});

/** Level 2 at a counter: one officer serves, another confirms; the offices of both are asked of each application. */
export const COUNTER_ROUTES: readonly ConsoleRoute<PageParts>[] = [
  get(COUNTER.queue, 'counter.view', (visit) => showQueue(visit)),
  post(COUNTER.find, 'counter.serve', findApplication),
  get(COUNTER.new, 'counter.serve', (visit) => showReceive(visit)),
  post(COUNTER.new, 'counter.serve', receive),
  get(COUNTER.one, 'counter.view', (visit) => showCase(visit)),
  post(COUNTER.take, 'counter.serve', take),
  post(COUNTER.card, 'counter.serve', openCard),
  post(COUNTER.read, 'counter.serve', readCard),
  get(COUNTER.state, 'counter.serve', cardState),
  post(COUNTER.practise, 'counter.serve', practiseCard),
  get(COUNTER.portrait, 'counter.serve', (visit) => showPortrait(visit)),
  { ...post(COUNTER.portrait, 'counter.serve', takePortrait), file: PORTRAIT_OCTETS },
  get(COUNTER.picture, 'counter.view', showPicture),
  post(COUNTER.fingerprints, 'counter.serve', takeFingerprints),
  post(COUNTER.approve, 'counter.serve', approve),
  post(COUNTER.propose, 'counter.serve', propose),
  post(COUNTER.dismiss, 'counter.view', dismiss),
  post(COUNTER.confirm, 'counter.confirm', confirm),
  post(COUNTER.ask, 'counter.serve', askFor),
  post(COUNTER.refuse, 'counter.serve', refuseApplication),
  post(COUNTER.withdraw, 'counter.serve', withdraw),
  post(COUNTER.code, 'counter.serve', giveCode),
  get(COUNTER.handout, 'counter.view', showHandout),
];

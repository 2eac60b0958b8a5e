import { createHash } from 'node:crypto';
import { sql } from '../../../platform/sql.ts';
import { type Write, writeTogether } from '../../../platform/unit-of-work.ts';
import type { RefusalCode } from '../../../standards/icao9303/refusal.ts';
import { journalled, PAD_LEVELS } from '../../biometrics/index.ts';
import type { Application, Check, ReadCard, Result } from '../application.ts';
import {
  CaptureUsed,
  checksOf,
  type PictureKind,
  pictureOf,
  picturesOf,
  putPicture,
  record,
  tryOf,
} from '../check-store.ts';
import { by, type CounterParts, knowing, numberNow, type Officer, stepped } from '../parts.ts';
import { type Asked, type ReadEnd, shownCard } from '../shown-card.ts';
import { facedAnew, lastOf } from '../standing.ts';
import { rulesOf, unlessOvertaken } from '../steps.ts';
import * as store from '../store.ts';
import { judgedFace } from './face.ts';
import { judgedPrints } from './prints.ts';

/** What came of a check, for the officer: an outcome, and never a score. */
export type Examination =
  | { readonly done: true; readonly result: Result; readonly issues: readonly string[]; readonly refusal?: RefusalCode }
  | {
      readonly done: false;
      readonly reason:
        | 'overtaken'
        | 'self'
        | 'picture'
        | 'no_portrait'
        | 'too_many'
        | 'too_many_captures'
        | 'capture_used'
        | 'capture_form';
      readonly picture?: 'unreadable' | 'too_large' | 'too_small' | 'busy';
      /** Of too many: when the next one is open. */
      readonly opensAt?: Date;
    };

/**
 * What an officer does with the person before them. Each result is recorded as it is; only a match passes. Of somebody who left before
 * binding and is back everything is found again: by whoever serves them now, with the card that they have by now.
 */
export interface Examining {
  /** The chip of the card, or of a foreigner's passport: genuine, in force, and this person's. */
  card(application: Application, read: ReadEnd, asked: Asked, officer: Officer): Promise<Examination>;
  /** In a training office there is no card to read: what a reader might say is chosen. */
  practisedCard(application: Application, outcome: 'genuine' | RefusalCode, officer: Officer): Promise<Examination>;
  /** The face just taken, beside the register's portrait, or the chip's where the register has none. */
  portrait(application: Application, bytes: Buffer, officer: Officer): Promise<Examination>;
  /** The result of a capture at the station of the external system. */
  fingerprints(application: Application, capture: string, officer: Officer): Promise<Examination>;
  /** When the next picture, or capture, of this number is open: once the oldest of those that count is of another visit. Now, if not said. */
  opensAt(application: Application, kind: Tried): Promise<Date | undefined>;
  pictures(applicationId: string): Promise<PictureKind[]>;
  picture(applicationId: string, kind: PictureKind): Promise<Buffer | undefined>;
}

type Tried = 'face_match' | 'fingerprint_match';

const CAPTURE = /^[A-Z0-9][A-Z0-9-]{3,39}$/;

export function createExamining(parts: CounterParts): Examining {
  const { database, clock, sealer, journal } = parts;
  /** Since when what is found is of a visit that goes on yet. */
  const visitSince = (): Date => new Date(clock.now().getTime() - rulesOf(parts).visitHours * 3_600_000);

  /** The tries that a visit has at it may be used up, whatever was withdrawn and begun anew in the meantime. */
  async function opensAt({ training, applicant }: Application, kind: Tried): Promise<Date | undefined> {
    if (!applicant) return undefined;
    const { pictures, captures, visitHours } = rulesOf(parts);
    const ago = kind === 'face_match' ? pictures : captures;
    const numberHash = store.numberHash(sealer, applicant.identityNumber);
    const oldest = await tryOf(database, { numberHash, training, kind, since: visitSince(), ago });
    // One that is exactly so old counts yet.
    return oldest && new Date(oldest.getTime() + visitHours * 3_600_000 + 1);
  }

  const no = (reason: Extract<Examination, { done: false }>['reason']): Examination => ({ done: false, reason });

  /** Whether this officer may find anything out here. */
  async function hindered(application: Application, officer: Officer): Promise<Examination | undefined> {
    const { state, applicant, officer: inHand, binding } = application;
    const isServed = binding === 'waiting' || (state === 'CHECKING' && inHand === officer.operatorId);
    if (!applicant || !isServed) return no('overtaken');
    const about = { ...applicant, identityNumber: await numberNow(parts, application) };
    return (await parts.isOwnCase(about, officer)) ? no('self') : undefined;
  }

  const checked = (application: Application, { kind, result, policy, detail }: Check, officer: Officer): Write =>
    journal.append(
      stepped(application, 'counter.checked', {
        actor: by(officer),
        detail: { check: kind, result, rules: policy, ...(application.binding ? { again: true } : {}), ...detail },
      }),
    );

  /**
   * Writes what was found. Whatever is found, an override that waits was proposed of something else: it is over. And a code that is out
   * was given to somebody of whom everything had passed.
   */
  async function keep(
    application: Application,
    found: Pick<Check, 'kind' | 'result' | 'detail'> & {
      /** The card that was read. */
      readonly card?: ReadCard | undefined;
      /** Its portrait: what was found of a face before was found without it. */
      readonly chip?: Buffer | undefined;
      readonly also?: readonly Write[];
    },
    officer: Officer,
  ): Promise<void> {
    const { id } = application;
    const made = await checksOf(database, id);
    const { kind, result, detail, card, chip, also = [] } = found;
    const mine = { officer: officer.operatorId, policy: rulesOf(parts).version, at: clock.now() };
    const checks: Check[] = [{ kind, result, detail, ...mine }, ...(card && chip ? facedAnew(made, card, mine) : [])];
    const applicant = card ? { ...application.applicant!, card } : application.applicant!;
    const sealed = store.sealedApplicant(sealer, id, applicant);
    const ended = checks.every((check) => check.result === 'passed') ? sql`` : sql`, ${store.NO_CODE}`;
    await writeTogether(database, [
      store.change(
        application,
        sql`proposal = NULL, shown_hash = NULL, ${store.touched(mine.at)}, applicant = ${sealed}${ended}`,
      ),
      ...checks.flatMap((check, index) => [
        record(id, made.length + index + 1, check),
        checked(application, check, officer),
      ]),
      ...(chip ? [putPicture(sealer, { applicationId: id, kind: 'chip', image: chip, now: mine.at })] : []),
      ...also,
    ]);
  }

  const settle = async (
    application: Application,
    found: Parameters<typeof keep>[1],
    officer: Officer,
    said: { readonly issues?: readonly string[]; readonly refusal?: RefusalCode } = {},
  ): Promise<Examination> =>
    unlessOvertaken(async () => {
      await keep(application, found, officer);
      const { issues = [], refusal } = said;
      return { done: true, result: found.result, issues, ...(refusal ? { refusal } : {}) } as const;
    }, no('overtaken'));

  return {
    opensAt,
    pictures: (id) => picturesOf(database, id),
    picture: (applicationId, kind) => pictureOf(database, sealer, { applicationId, kind }),

    async card(application, read, asked, officer) {
      const stopped = await hindered(application, officer);
      if (stopped) return stopped;
      const { applicant, binding } = application;
      // What was compared with the register at the decision is theirs still.
      const before = binding === 'waiting' ? applicant!.card : undefined;
      const shown = await shownCard(parts, application, { read, asked, before });
      const { issues } = shown;
      if (!shown.theirs) {
        const { refusal } = shown;
        const detail = { refusal, ...(issues.length > 0 ? { issues } : {}) };
        return settle(application, { kind: 'card', result: 'failed', detail }, officer, { refusal, issues });
      }
      const { card, standing, portrait } = shown;
      return settle(
        application,
        {
          ...{ kind: 'card', result: 'passed', card, chip: portrait },
          detail: {
            ...{ document: card.document ?? 'national_card', chip: card.chip ?? 'none', sod: card.sod },
            ...{ status: standing.status, statusFrom: standing.from, ...(issues.length > 0 ? { issues } : {}) },
          },
        },
        officer,
        { issues },
      );
    },

    async practisedCard(application, outcome, officer) {
      if (!application.training) return no('overtaken');
      const stopped = await hindered(application, officer);
      if (stopped) return stopped;
      const passed = outcome === 'genuine';
      return settle(
        application,
        {
          kind: 'card',
          result: passed ? 'passed' : 'failed',
          detail: passed ? { practised: true } : { practised: true, refusal: outcome },
        },
        officer,
        passed ? {} : { refusal: outcome },
      );
    },

    async portrait(application, bytes, officer) {
      const stopped = await hindered(application, officer);
      if (stopped) return stopped;
      const policy = rulesOf(parts);
      const now = clock.now();
      const { id, applicant } = application;
      const made = await checksOf(database, id);
      const opens = await opensAt(application, 'face_match');
      if (opens) return { done: false, reason: 'too_many', opensAt: opens };
      const taken = await parts.pictures(bytes);
      if (!taken.taken) return { done: false, reason: 'picture', picture: taken.reason };
      const { population, face } = knowing(parts, application);
      const registered = await population.portrait(await numberNow(parts, application));
      const chip = await pictureOf(database, sealer, { applicationId: id, kind: 'chip' });
      const portraits = [registered?.image, chip].filter((one) => one !== undefined);
      const [reference] = portraits;
      if (!reference) return no('no_portrait');
      const compared = await face.compare({ probe: taken.image, reference });
      // No camera makes the same picture twice: one that has matched before, wherever, was kept by somebody, or is the chip's own. One of
      // which nothing could be written, because the process died or somebody was first, is sent once more and is the same try.
      const occasion = `counter ${id} ${made.filter(({ kind }) => kind === 'face_match').length}`;
      const reused =
        compared.outcome === 'match' &&
        !application.training &&
        !(await parts.used.isNew(taken.image, { occasion, portraits }));
      const asked = [policy.pad, application.training ? 'none' : await parts.padRequired()] as const;
      const required = PAD_LEVELS[Math.max(...asked.map((one) => PAD_LEVELS.indexOf(one)))]!;
      const { result, issues } = judgedFace(compared, { required, reused });
      const picture = (kind: PictureKind, image: Buffer): Write =>
        putPicture(sealer, { applicationId: id, kind, image, now });
      return settle(
        application,
        {
          ...{ kind: 'face_match', result },
          detail: {
            ...{
              picture: createHash('sha256').update(taken.image).digest('hex'),
              with: registered ? 'register' : 'chip',
            },
            // The card whose portrait was at hand.
            beside: (chip && applicant!.card?.sod) ?? null,
            ...journalled(compared),
            ...(reused ? { reused } : {}),
            issues,
          },
          also: [picture('taken', taken.image), picture('reference', reference)],
        },
        officer,
        { issues },
      );
    },

    async fingerprints(application, typed, officer) {
      const stopped = await hindered(application, officer);
      if (stopped) return stopped;
      const capture = typed.trim().toUpperCase();
      if (!CAPTURE.test(capture)) return no('capture_form');
      const policy = rulesOf(parts);
      const identityNumber = await numberNow(parts, application);
      const made = await checksOf(database, application.id);
      const opens = await opensAt(application, 'fingerprint_match');
      if (opens) return { done: false, reason: 'too_many_captures', opensAt: opens };
      const said = await knowing(parts, application).fingerprints.result({ identityNumber, capture });
      const { outcome, fingers, score, threshold, engine, transactionId } = said;
      const begun = application.binding ? visitSince() : (lastOf(made, 'register_match')?.at ?? clock.now());
      const { result, issues } = judgedPrints(said, { begun, least: policy.fingers });
      try {
        return await settle(
          application,
          {
            ...{ kind: 'fingerprint_match', result },
            detail: {
              ...{
                capture: application.training ? `${capture} ${application.id}` : capture,
                outcome,
                fingers,
                issues,
              },
              ...{ engine: `${engine.name} ${engine.version}`, transaction: transactionId },
              ...{ score: score === undefined ? null : Math.round(score * 10) / 10, threshold: threshold ?? null },
            },
          },
          officer,
          { issues },
        );
      } catch (error) {
        if (error instanceof CaptureUsed) return no('capture_used');
        throw error;
      }
    },
  };
}

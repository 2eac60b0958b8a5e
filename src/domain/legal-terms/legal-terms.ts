import { afterDays, afterWorkingDays } from '../../platform/plain-values/working-days.ts';

/** A period that the law gives, as it stands from a moment on. */
export interface LegalTerm {
  readonly name: string;
  readonly count: number;
  readonly unit: 'working_days' | 'days';
  /** The first moment at which it holds: what begins earlier keeps the period of its time. */
  readonly from: Date;
  readonly clause: string;
  /** A: the text or an authority's own words; B: a secondary source; C: the law's own is not to be had, and this one is taken. */
  readonly sureness: 'A' | 'B' | 'C';
}

/** Midnight in Viet Nam. */
const [DECREE_69, DECREE_356] = [new Date('2024-07-01T00:00:00+07:00'), new Date('2026-01-01T00:00:00+07:00')];

const ALONE = { count: 15, unit: 'days', from: DECREE_356 } as const;
/** Where those who got the data, or the register that it came from, have to act too. */
const WITH_OTHERS = { ...ALONE, count: 20 } as const;
const NOT_TO_BE_HAD = 'Decree 356/2025: 10 to 30 days by kind; the 15 of an objection, or 20 with others, are taken';
const OBJECTION = 'Decree 356/2025: 15 days, 20 where a processor or a third party has to act';
const LOCKS = {
  from: DECREE_69,
  clause: 'Decree 69/2024 Art. 30 for unlocking; locking mirrors it',
  sureness: 'B',
} as const;
const LEVEL_1 = { count: 1, unit: 'working_days', from: DECREE_69, clause: 'Decree 69/2024 Art. 13' } as const;

/** Every clock that the law runs here. Another period is a row below the one whose place it takes, never an edited one. */
export const LEGAL_TERMS = [
  {
    ...{ name: 'data_request.acknowledge', count: 2, unit: 'working_days' },
    ...{ from: DECREE_356, clause: 'Decree 356/2025: answered within two working days', sureness: 'A' },
  },
  { name: 'data_request.decide.access', ...ALONE, clause: NOT_TO_BE_HAD, sureness: 'C' },
  { name: 'data_request.decide.copy', ...ALONE, clause: NOT_TO_BE_HAD, sureness: 'C' },
  { name: 'data_request.decide.rectify', ...WITH_OTHERS, clause: NOT_TO_BE_HAD, sureness: 'C' },
  { name: 'data_request.decide.restrict', ...WITH_OTHERS, clause: OBJECTION, sureness: 'B' },
  { name: 'data_request.decide.object', ...WITH_OTHERS, clause: OBJECTION, sureness: 'B' },
  { name: 'data_request.decide.erase', ...WITH_OTHERS, clause: NOT_TO_BE_HAD, sureness: 'C' },
  { name: 'data_request.extend', ...ALONE, clause: 'Decree 356/2025: once, 15 days more', sureness: 'B' },
  { name: 'withdrawal.confirm', ...WITH_OTHERS, clause: OBJECTION, sureness: 'B' },
  { name: 'application.APP_L1', ...LEVEL_1, sureness: 'A' },
  { name: 'application.FOREIGN_L1', ...LEVEL_1, sureness: 'B' },
  { name: 'application.WARD_L1', ...LEVEL_1, sureness: 'B' },
  {
    ...{ name: 'application.TK01', count: 3, unit: 'working_days' },
    ...{ from: DECREE_69, clause: 'Decree 69/2024 Art. 13: three working days, with a valid card', sureness: 'A' },
  },
  {
    ...{ name: 'application.no_card', count: 7, unit: 'working_days' },
    ...{
      from: DECREE_69,
      clause: 'Decree 69/2024 Art. 13: seven, without a card or with an expired one',
      sureness: 'A',
    },
  },
  {
    ...{ name: 'application.FOREIGN_L2', count: 3, unit: 'working_days' },
    ...{ from: DECREE_69, clause: 'Decree 69/2024 Art. 13: three, where the register knows the person', sureness: 'B' },
  },
  {
    ...{ name: 'application.WARD_L2', count: 3, unit: 'working_days' },
    ...{ from: DECREE_69, clause: 'Decree 69/2024 Art. 13, as its guardian’s own', sureness: 'B' },
  },
  {
    ...{ name: 'organisation.registered', count: 3, unit: 'working_days' },
    ...{
      from: DECREE_69,
      clause: 'Decree 69/2024 Art. 13: three, where a register knows it; from memory',
      sureness: 'C',
    },
  },
  {
    ...{ name: 'organisation.unregistered', count: 15, unit: 'days' },
    ...{ from: DECREE_69, clause: 'Decree 69/2024 Art. 13: fifteen, where none does; from memory', sureness: 'C' },
  },
  { name: 'lock_request.forward', count: 1, unit: 'working_days', ...LOCKS },
  { name: 'lock_request.decide', count: 2, unit: 'working_days', ...LOCKS },
] as const satisfies readonly LegalTerm[];

/** What a period is of. */
export type LegalTermName = (typeof LEGAL_TERMS)[number]['name'];

/** The period that holds at a moment; before the first there was none, and the first is taken. */
export function termAt(name: LegalTermName, at: Date, terms: readonly LegalTerm[] = LEGAL_TERMS): LegalTerm {
  const rows = terms.filter((term) => term.name === name);
  const held = rows.filter(({ from }) => from <= at).at(-1) ?? rows[0];
  if (!held) throw new Error(`no period is known for ${name}`);
  return held;
}

/** The end of a period that begins now, by the law of `at`: of an extension that is when what it extends has begun. */
export function endOfTerm(name: LegalTermName, begin: Date, at: Date = begin): Date {
  const { count, unit } = termAt(name, at);
  return unit === 'days' ? afterDays(begin, count) : afterWorkingDays(begin, count);
}

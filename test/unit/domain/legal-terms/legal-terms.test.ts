import { expect, test } from 'vitest';
import { endOfTerm, LEGAL_TERMS, type LegalTerm, termAt } from '../../../../src/domain/legal-terms/index.ts';

const noon = (day: string): Date => new Date(`${day}T12:00:00+07:00`);
const end = (day: string): Date => new Date(`${day}T23:59:59.999+07:00`);

test('every period names its clause and since when it holds, and of one name the newer stands below the older', () => {
  const last = new Map<string, Date>();
  for (const { name, count, clause, from } of LEGAL_TERMS as readonly LegalTerm[]) {
    expect([name, Number.isInteger(count) && count > 0]).toEqual([name, true]);
    expect(clause).toMatch(/^(Decree|Law|Civil Code) \d+\/20\d\d/);
    expect([name, last.get(name) === undefined || last.get(name)! < from]).toEqual([name, true]);
    last.set(name, from);
  }
});

test.each([
  ['data_request.acknowledge', '2026-11-26', '2026-11-30'],
  ['data_request.decide.access', '2026-11-24', '2026-12-09'],
  ['data_request.decide.object', '2026-11-24', '2026-12-14'],
  ['withdrawal.confirm', '2026-11-24', '2026-12-14'],
  ['application.APP_L1', '2026-02-13', '2026-02-23'],
  ['lock_request.forward', '2026-11-27', '2026-11-30'],
  ['lock_request.decide', '2026-11-27', '2026-12-01'],
] as const)('%s from %s ends with %s', (name, begin, until) => {
  expect(endOfTerm(name, noon(begin))).toEqual(end(until));
});

test('what began before a period changed keeps the one of its time', () => {
  const old = LEGAL_TERMS.find(({ name }) => name === 'data_request.extend')!;
  const terms: LegalTerm[] = [...LEGAL_TERMS, { ...old, count: 10, from: noon('2027-03-01') }];
  expect(termAt('data_request.extend', noon('2027-02-28'), terms).count).toBe(15);
  expect(termAt('data_request.extend', noon('2027-03-01'), terms).count).toBe(10);
  expect(termAt('data_request.extend', noon('2020-01-01'), terms).count).toBe(15);
});

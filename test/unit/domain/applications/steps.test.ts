import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECKS_OF, isDecided, leads, REASONS, STEPS, type State } from '../../../../src/domain/applications/index.ts';

const states = Object.keys(STEPS) as State[];
const migration = readFileSync('migrations/20261127T0900-enrolment-applications.ts', 'utf8');

describe('the states of an application (domain model 8b)', () => {
  test('lead where the model says, and nowhere else', () => {
    const table = states.flatMap((from) => states.filter((to) => leads(from, to)).map((to) => `${from} → ${to}`));
    expect(table).toEqual([
      'DRAFT → SUBMITTED',
      'SUBMITTED → CHECKING',
      'SUBMITTED → REFUSED',
      'SUBMITTED → WITHDRAWN',
      'CHECKING → NEEDS_INFO',
      'CHECKING → APPROVED',
      'CHECKING → REFUSED',
      'CHECKING → WITHDRAWN',
      'NEEDS_INFO → CHECKING',
      'NEEDS_INFO → REFUSED',
      'NEEDS_INFO → WITHDRAWN',
    ]);
  });

  test('end in three, from which nothing leads on; approval comes from checking alone', () => {
    expect(states.filter(isDecided)).toEqual(['APPROVED', 'REFUSED', 'WITHDRAWN']);
    expect(states.filter((from) => leads(from, 'APPROVED'))).toEqual(['CHECKING']);
  });

  test('and every step of the code is a step of the database, and the other way round', () => {
    const listed = /\(OLD\.state, NEW\.state\) NOT IN \(([\s\S]*?)\) THEN/.exec(migration)?.[1] ?? '';
    const pairs = [...listed.matchAll(/\('([A-Z_]+)', '([A-Z_]+)'\)/g)].map(([, from, to]) => `${from} → ${to}`);
    const table = states.flatMap((from) => STEPS[from].map((to) => `${from} → ${to}`));
    expect(new Set(pairs)).toEqual(new Set(table));
  });

  test('the database asks for the same checks before an approval', () => {
    const quoted = (kinds: readonly string[]): string => kinds.map((kind) => `'${kind}'`).join(', ');
    expect(migration).toContain(`WHEN 'WARD_L1' THEN ARRAY[${quoted(CHECKS_OF.WARD_L1)}]`);
    expect(migration).toContain(`ELSE ARRAY[${quoted(CHECKS_OF.APP_L1)}]`);
    expect(CHECKS_OF.FOREIGN_L1).toEqual(CHECKS_OF.APP_L1);
  });

  test('what a stranger could learn from is one sentence', () => {
    const details = Object.entries(REASONS).flatMap(([reason, told]) => (told === 'details' ? [reason] : []));
    expect(details).toEqual(
      expect.arrayContaining(['no_such_number', 'name_differs', 'birthdate_differs', 'has_account', 'phone_not_own']),
    );
    expect(details).toEqual(
      expect.arrayContaining(['deceased', 'number_cancelled', 'document_expired', 'already_open']),
    );
  });
});

import { oneLine } from '../../platform/plain-values/one-line.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { Acting, Office } from './operator.ts';
import type { Parts } from './operators.ts';
import { may } from './roles.ts';
import * as store from './store.ts';

/** An office that is added below another: a commune below its province. */
export interface NewOffice {
  /** Its official code; lower case letters and figures, with dashes between. */
  readonly id: string;
  readonly parentId: string;
  readonly name: Office['name'];
  /** Where people learn: only below a province, and for good. */
  readonly training?: boolean;
}

/** The tree of offices. The nation and its provinces are there from the beginning. */
export interface Offices {
  /** Parents before their children. */
  offices(): Promise<Office[]>;
  /** An office and those above it, itself first. */
  officeLine(id: string): Promise<Office[]>;
  officesBelow(id: string): Promise<Office[]>;
  addOffice(
    office: NewOffice,
    by: Acting | 'command line',
  ): Promise<
    | { readonly added: true }
    /** `taken`: the code or the name, below this parent; or a parent below which there is nothing. */
    | { readonly added: false; readonly reason: 'forbidden' | 'faulty' | 'taken' }
  >;
}

class Taken extends Error {}

export const createOffices = ({ database, journal }: Parts): Offices => ({
  offices: () => store.offices(database),
  officeLine: (id) => store.lineOf(database, id),
  officesBelow: (id) => store.officesBelow(database, id),

  async addOffice({ id, parentId, name, training = false }, by) {
    if (by !== 'command line' && !may(by.roles, 'operators.propose')) return { added: false, reason: 'forbidden' };
    const named = { vi: oneLine(name.vi), en: oneLine(name.en) };
    const fits = Object.values(named).every((text) => text !== '' && text.length <= 120);
    if (!fits || id.length > 60 || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) return { added: false, reason: 'faulty' };
    try {
      await writeTogether(database, [
        { statement: store.insertOffice({ id, parentId, name: named, training }), lost: () => new Taken() },
        journal.append({
          type: 'office.added',
          actor: actorOf(by),
          detail: { office: id, parent: parentId, ...(training ? { training } : {}) },
        }),
      ]);
      return { added: true };
    } catch (error) {
      if (error instanceof Taken) return { added: false, reason: 'taken' };
      throw error;
    }
  },
});

/** Who did it, for the journal. */
export const actorOf = (by: Acting | 'command line') =>
  by === 'command line'
    ? ({ kind: 'system', id: 'command line' } as const)
    : ({ kind: 'operator', id: by.operatorId } as const);

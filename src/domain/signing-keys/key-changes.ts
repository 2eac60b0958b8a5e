import { z } from 'zod';
import { declareErrors, EidError } from '../../platform/errors.ts';
import { BaseChanged, type ChangeSubject, type Finding } from '../approvals/index.ts';
import { ALGORITHMS, type Algorithm, CUSTODIES, type Custody, type KeyState } from './key.ts';
import type { KeyDescription } from './key-description.ts';
import type { SigningKeys } from './signing-keys.ts';

declareErrors('signing_keys', {
  too_early: {
    status: 409,
    when: 'Relying parties may still hold a key set without the next key: until then it signs only if the change says so.',
  },
});

/** Which key signs by an algorithm. A change puts the next one in its place. */
export interface SigningKeyValue {
  readonly algorithm: Algorithm;
  /** The `kid`. */
  readonly signs: string;
  /** Even if relying parties may not know the key yet: for one that has leaked. */
  readonly force: boolean;
  /** Where the key rests that waits after it: the settings of one person do not move it. */
  readonly custody?: Custody | undefined;
}

/** What is handed in: the key that retires and the one that follows are those of now when they are not named, the custody that of the settings. */
const wish = z.strictObject({
  algorithm: z.enum(ALGORITHMS),
  force: z.boolean().default(false),
  retires: z.string().nullish(),
  follows: z.string().nullish(),
  signs: z.string().nullish(),
  custody: z.enum(CUSTODIES).nullish(),
});

const inState = (keys: readonly KeyDescription[], algorithm: Algorithm, state: KeyState) =>
  keys.find((key) => key.algorithm === algorithm && key.state === state);

/** Signing keys rotate by two people, an algorithm at a time; when it is time they rotate by themselves (`maintain`). */
export function signingKeyChanges(
  signingKeys: Pick<SigningKeys, 'list' | 'listIn' | 'rotate' | 'custody' | 'makes'>,
): ChangeSubject<SigningKeyValue> {
  return {
    kind: 'signing-keys',
    view: 'keys.view',
    propose: 'keys.propose',
    approve: 'keys.approve',

    parse(input) {
      const read = wish.safeParse(input);
      if (!read.success) {
        const faults = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
        return { parsed: false, faults };
      }
      const { algorithm, force, retires, follows, signs, custody } = read.data;
      const [current, next] = (['current', 'next'] as const).map((state) =>
        inState(signingKeys.list(), algorithm, state),
      );
      const fault = (path: string, message: string) => ({ parsed: false, faults: [{ path, message }] }) as const;
      if (!current || !next) return fault('algorithm', `No key of ${algorithm} waits to sign.`);
      if (retires && retires !== current.kid) return fault('retires', 'Another key signs now.');
      const named = signs ?? follows ?? next.kid;
      const known = signingKeys.list().some((key) => key.kid === named && key.algorithm === algorithm);
      if (!known) return fault('follows', `${algorithm} has no such key.`);
      const value = { algorithm, signs: named, force, custody: custody ?? signingKeys.custody };
      return { parsed: true, subject: algorithm, value };
    },

    async current(on, subject) {
      const algorithm = subject as Algorithm;
      const keys = await signingKeys.listIn(on);
      const [key, next] = (['current', 'next'] as const).map((state) => inState(keys, algorithm, state));
      return key && { value: { algorithm, signs: key.kid, force: false, custody: next?.custody }, version: key.kid };
    },

    async test({ signs, force, custody }, before) {
      if (signs === before?.signs) return [finding('error', 'signs', 'This key signs already.')];
      const key = signingKeys.list().find(({ kid }) => kid === signs);
      if (key?.state === 'retired') return [finding('error', 'signs', 'This key is retired, and stays so.')];
      if (custody && !signingKeys.makes.includes(custody))
        return [finding('error', 'custody', `The settings name nothing that makes a key in custody of ${custody}.`)];
      const usable = key?.usableAt?.toISOString();
      // It has begun to sign since: what rests on that is stale, and not faulty.
      if (!usable) return [];
      return [
        force
          ? finding('warning', 'force', `It signs at once. Relying parties may not know it before ${usable}.`)
          : finding('warning', 'signs', `Relying parties know it from ${usable} on; before that it is not approved.`),
      ];
    },

    risks: ({ force, custody }, before) => [
      { code: force ? 'signing_key_forced' : 'signing_key_changed', path: force ? 'force' : 'signs' },
      ...(custody && custody !== before?.custody ? [{ code: 'signing_key_moved', path: 'custody' } as const] : []),
    ],

    async apply(transaction, { value: { algorithm, signs, force, custody }, baseVersion, by }) {
      const [rotation] = await signingKeys.rotate({ algorithm, force, custody, by, on: transaction });
      if (rotation && !rotation.rotated && rotation.reason === 'too_early') {
        const usableAt = rotation.usableAt?.toISOString() ?? '';
        throw new EidError('signing_keys.too_early', { facts: { usableAt } });
      }
      if (!rotation?.rotated || rotation.retired !== baseVersion || rotation.current !== signs) throw new BaseChanged();
    },
  };
}

const finding = (level: Finding['level'], path: string, message: string): Finding => ({ level, path, message });

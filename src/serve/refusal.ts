import { declaredErrors, type EidError } from '../platform/errors.ts';
import { Pkcs11Fault } from '../platform/pkcs11/pool.ts';

/** What the parts have a name for when they are made (a master secret that opens nothing, say), as a sentence for people. */
export function sentenceOf({ code, cause, facts }: EidError): string {
  const [, named] = declaredErrors().find(([declared]) => declared === code) ?? [];
  // A fault of the module says what to do about it.
  const because = cause instanceof Pkcs11Fault ? ` ${cause.message}` : '';
  const where = facts.file === undefined ? '' : ` The file is ${facts.file}.`;
  const rules = facts.rules === undefined ? '' : ` The rules are ${facts.rules}.`;
  return `${code}: ${named?.when ?? 'see the table of errors in README.md'}${where}${rules}${because}`;
}

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issuedCard, sandboxAuthority } from '../../src/sandbox/cards/cards.ts';

/** Writes files into a new folder, by their names. The caller removes it. */
export function folderOf(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'senid-card-'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** A card of the sandbox as a reader's dump: one file for each of the chip's, without what it says about access. */
export function dumpOf(cardId: string, nameOf: (file: string) => string = (file) => `EF_${file}.bin`): string {
  const card = issuedCard(cardId);
  if (!card) throw new Error(`no card ${cardId}`);
  return folderOf(Object.fromEntries(Object.entries(card.files).map(([file, bytes]) => [nameOf(file), bytes])));
}

/** The sandbox's authorities and lists as files: what to trust, for the options of `senid chip verify`. */
export function sandboxTrust(now: Date): string {
  const authority = sandboxAuthority();
  return folderOf({
    'national.cer': authority.certificate('national'),
    'foreign.cer': authority.certificate('foreign'),
    'national.crl': authority.revocationList('national', now),
    'sandbox.ml': authority.masterList(now),
  });
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CommandFault } from '../command-fault.ts';

/** What may be imported, the most bytes that its file may have, and how PEM calls it (RFC 7468 §5, §6). */
const KINDS = {
  certificate: { most: 65_536, label: 'CERTIFICATE' },
  'revocation list': { most: 3_145_728, label: 'X509 CRL' },
  'master list': { most: 8_388_608, label: 'CMS' },
} as const;

export type FileKind = keyof typeof KINDS;

/** One thing from a file, as DER. Throws `CommandFault` 2: no such file, too large, or several things in one PEM file. */
export function readOne(path: string, kind: FileKind): Buffer {
  const { most, label } = KINDS[kind];
  const bytes = bytesOf(path, most);
  if (!bytes.subarray(0, 4_096).includes('-----BEGIN ')) return bytes;
  const armour = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g');
  const [first, ...more] = [...bytes.toString('latin1').matchAll(armour)];
  if (!first || more.length > 0) {
    throw new CommandFault(2, `${path}: must hold exactly one ${kind}, and holds ${first ? more.length + 1 : 'none'}.`);
  }
  return Buffer.from(first[1] ?? '', 'base64');
}

function bytesOf(path: string, most: number): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    if (!fstatSync(file).isFile()) throw new CommandFault(2, `${path}: is no file.`);
    // One byte more than allowed tells a file that is too large from one that is just not.
    const bytes = Buffer.alloc(Math.min(fstatSync(file).size, most) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > most) throw new CommandFault(2, `${path}: is larger than ${most} bytes, as no honest one is.`);
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    throw new CommandFault(2, `${path}: cannot be read.`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(`../../vectors/tls/${path}`, import.meta.url));

/** What the relying parties show: a certificate of localhost that vouches for itself. */
export const CERTIFICATE = { cert: at('localhost.crt'), key: at('localhost.key') };

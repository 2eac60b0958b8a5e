import type { IncomingMessage } from 'node:http';
import { notesOf } from '../platform/request.ts';

/**
 * A passkey made on a shared machine would stay there for whoever comes next. There the browser is asked for one on another
 * device only: a telephone by its QR code, or a security key that leaves with its owner (WebAuthn Level 3 §5.4.5, §5.4.8).
 */
export function passkeyOptions(request: IncomingMessage, options: object): object {
  if (!notesOf(request).kiosk) return options;
  const { authenticatorSelection } = options as { authenticatorSelection?: object };
  return {
    ...options,
    hints: ['hybrid'],
    authenticatorSelection: { ...authenticatorSelection, authenticatorAttachment: 'cross-platform' },
  };
}

/** Whether this answer tells of a passkey that would stay on the shared machine: what does not say is taken to. */
export const staysHere = (request: IncomingMessage, response: unknown): boolean =>
  notesOf(request).kiosk !== undefined &&
  (response as { authenticatorAttachment?: unknown } | null)?.authenticatorAttachment !== 'cross-platform';

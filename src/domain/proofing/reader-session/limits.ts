/** Octets, unless it says otherwise: what is looked at before anything is parsed. */
export const LIMITS = {
  /** The largest frame: DG2 in base64url, and room for the rest. */
  frame: 256 * 1024,
  /** All frames before the token was found good. */
  stranger: 1024,
  /** All frames of a session together. */
  session: 1024 * 1024,
  /** Number of frames; a portrait relayed in pieces of 223 octets takes 600. */
  frames: 4096,
  /** Commands in one frame. */
  commands: 16,
  /** A command or an answer with extended length, protected. */
  apdu: 65_544,
} as const;

/** Seconds that each step may take; the person finds the card between `begin` and `chip`. */
export const IDLE = { hello: 10, chip: 100, file: 45, answer: 20 } as const;

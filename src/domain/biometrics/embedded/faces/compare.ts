import type { Pixels } from '../../../../platform/portrait-decoder/decode.ts';
import type { FaceIssue } from '../../face-matcher.ts';
import type { Networks } from '../networks/networks.ts';
import { findFaces } from './detector.ts';
import { measure } from './landmarks.ts';
import { badlyLit, lookAt, misplaced } from './quality.ts';
import { likeness, template, upright } from './recogniser.ts';

/**
 * How alike two faces are, or why that cannot be said. Of a `poor` portrait of the register a likeness still says something, and
 * the lack of it says nothing.
 */
export type Compared =
  | { readonly score: number; readonly reference: 'good' | 'poor' }
  | { readonly issues: readonly FaceIssue[] };

/**
 * Compares two pictures. Pose and size are asked of the applicant's alone: about the register's they can do nothing.
 */
export async function compare(
  { probe, reference }: { readonly probe: Pixels; readonly reference: Pixels },
  networks: Networks,
): Promise<Compared> {
  const taken = await findFace(probe, networks);
  if (typeof taken === 'string') return { issues: [taken] };
  const kept = await findFace(reference, networks);
  // A portrait of two people is nobody's: it cannot be read as one.
  if (typeof kept === 'string') return { issues: [kept === 'no_face' ? 'reference_no_face' : 'reference_unreadable'] };
  const crop = upright(probe, taken);
  const issues = [...misplaced(taken), ...badlyLit(lookAt(crop))];
  if (issues.length > 0) return { issues };
  const portrait = upright(reference, kept);
  const one = await template(crop, networks.recognise);
  const other = await template(portrait, networks.recognise);
  return { score: likeness(one, other), reference: badlyLit(lookAt(portrait)).length > 0 ? 'poor' : 'good' };
}

async function findFace(picture: Pixels, { detect, mesh }: Networks) {
  const [found, ...others] = await findFaces(picture, detect);
  if (others.length > 0) return 'several_faces';
  return (found && (await measure(picture, found, mesh))) ?? 'no_face';
}

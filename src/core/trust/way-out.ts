import { GrantScope } from './grant';
import type { ImageName } from '../image/image';
import { PROGRAM } from '../program-name';
import { LINE_CHARACTERS } from '../text/plain-text';

/**
 * The command that lets a refused image run in an emergency, for the refusal. It names the image and the
 * scope that this gate asks about: another gate asks about another one. What only a person knows is in
 * capitals, and too short to be granted as it is. Undefined where no grant can name the scope.
 *
 * @param stack of the trust. Undefined if the gate does not know it
 */
export function wayOut(image: ImageName, runner: string, stack = 'TRUST_STACK'): string | undefined {
  const scope = GrantScope.safeParse(runner);
  if (!scope.success) return undefined;
  const line = `Emergency, for this gate: npx ${PROGRAM} break-glass grant --stack ${stack} --image ${image} --scope ${scope.data} --for 1h --because WHY --ticket ID`;
  return line.length <= LINE_CHARACTERS ? line : undefined;
}

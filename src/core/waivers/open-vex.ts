import { complete, type Draft, type ImportOptions } from './imported';
import { addDays, dayOf } from './life';
import { readVex, type VexDocument, type VexStatement } from './vex-document';
import { overlaps, targetOf, type VexTarget } from './vex-product';
import { WaiverLimit, type Waivers } from './waiver';
import { failed, type Result } from '../result';
import { inOrder, type WaiverProblem } from '../text/problem';

export interface VexOptions extends ImportOptions {
  /**
   * The registries that these waivers hold for: `<account>.dkr.ecr.<region>.amazonaws.com`, compared as a
   * whole.
   */
  readonly registries: readonly string[];
}

/** What one statement says of one product. */
interface VexClaim {
  readonly index: number;
  readonly statement: VexStatement;
  readonly names: readonly string[];
  readonly target: VexTarget;
  readonly time: number;
}

/**
 * The statements of an OpenVEX document that say "not affected" or "fixed", as waivers. Their longest life is
 * that of all waivers, counted from the time of the statement. Other statements are not waivers; such a
 * statement ends earlier ones about the same product and vulnerability.
 * @see https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 */
export function fromOpenVex(
  text: string,
  file: string,
  options: VexOptions,
): Result<Waivers, WaiverProblem[]> {
  const read = readVex(text, file);
  if (!read.ok) return read;
  const { document, at } = read.value;
  const problems: WaiverProblem[] = [];
  const claims: VexClaim[] = [];
  document.statements.forEach((statement, index) => {
    const { name, aliases = [] } = statement.vulnerability;
    const about = {
      index,
      statement,
      names: [...new Set([name, ...aliases])],
      time: Date.parse(timeOf(statement, document)),
    };
    statement.products.forEach((product, each) => {
      const target = targetOf(product, options.registries);
      if (target.ok) claims.push({ ...about, target: target.value });
      else problems.push({ file, ...at(['statements', index, 'products', each]), message: target.error });
    });
  });
  if (problems.length > 0) return failed(inOrder(problems));

  const against = byName(
    claims.filter(({ statement: { status } }) => status === 'affected' || status === 'under_investigation'),
  );
  const drafts: Draft[] = [];
  for (const claim of claims) {
    const {
      statement: { status },
      names,
      time,
      target,
    } = claim;
    if (status !== 'not_affected' && status !== 'fixed') continue;
    if (
      names.some(name =>
        against.get(name)?.some(other => other.time >= time && overlaps(other.target, target)),
      )
    ) {
      continue;
    }
    const position = at(['statements', claim.index, 'vulnerability', 'name']);
    for (const entry of draftsOf(claim, document, options)) {
      drafts.push({ entry, at: position });
      // names times packages can be more than memory holds
      if (drafts.length > WaiverLimit.waivers) return complete(drafts, file, options);
    }
  }
  return complete(drafts, file, options);
}

/** When a statement was last made. The last change of the document says nothing of a single statement. */
function timeOf(statement: VexStatement, document: VexDocument): string {
  return statement.last_updated ?? statement.timestamp ?? document.timestamp;
}

function byName(claims: readonly VexClaim[]): Map<string, VexClaim[]> {
  const named = new Map<string, VexClaim[]>();
  for (const claim of claims) {
    for (const name of claim.names) if (!named.get(name)?.push(claim)) named.set(name, [claim]);
  }
  return named;
}

/** One for each name, as Trivy may use any of them, and each package. */
function* draftsOf(
  { statement, names, target, time }: VexClaim,
  document: VexDocument,
  { defaults, maxLifeDays }: VexOptions,
): Generator<Draft['entry'], void> {
  const accepted = dayOf(new Date(time));
  const longest = addDays(accepted, maxLifeDays);
  const expires = defaults?.expires !== undefined && defaults.expires < longest ? defaults.expires : longest;
  const id = statement['@id'] ?? document['@id'];
  const purls = target.purls.length === 0 ? [undefined] : target.purls;
  for (const name of names) {
    for (const purl of purls) {
      yield {
        id: name,
        ...(purl !== undefined && { purl }),
        ...(target.repository !== undefined && { repositories: [target.repository] }),
        ...(target.digest !== undefined && { digests: [target.digest] }),
        owner: document.author,
        reason: reasonOf(statement),
        ...(id.length <= 300 && { ticket: id }),
        accepted,
        expires,
      };
    }
  }
}

function reasonOf({
  status,
  justification,
  impact_statement: impact,
  status_notes: notes,
}: VexStatement): string {
  const said = status === 'fixed' ? 'fixed: these versions contain a fix' : `not affected: ${justification}`;
  return [said, impact, notes].filter(each => each !== undefined).join('; ');
}

import { decideImages, type GateContext, type GateQuestion } from './decide-images';
import { refusalText } from '../../src/core/gates/gate-answer';
import { rulesOfService, type GateRules } from '../../src/core/gates/gate-rules';
import {
  whoJudges,
  type ImageToJudge,
  type ImageToRun,
  type KnownRegistries,
} from '../../src/core/gates/image-to-run';
import type { Decided } from '../../src/core/gates/next-step';
import { Limit } from '../../src/core/limits';
import { failed, ok, type Result } from '../../src/core/result';
import { whyUnknownSchema } from '../../src/core/sharing/contract';

export interface ServiceGateContext extends GateContext, KnownRegistries {
  /** What a trust of another app is published with. */
  readonly schemaVersion?: string;
  readonly enforcement: GateRules['enforcement'];
}

export interface ServiceQuestion extends Pick<
  GateQuestion,
  'subject' | 'scope' | 'showsReason' | 'isRollback'
> {
  readonly isLastLook: boolean;
  /** As the service names them. */
  images(): Promise<Result<readonly ImageToRun[], string>>;
}

/** The decision of a gate in a service: Amazon ECS, CloudFormation or CodePipeline (0040). */
export async function decideForService(
  { isLastLook, images, ...question }: ServiceQuestion,
  context: ServiceGateContext,
): Promise<Decided> {
  const decided = await decideImages(
    {
      ...question,
      rules: rulesOfService(context.enforcement, isLastLook),
      rollback: question.isRollback === undefined ? 'NO' : 'NOT_ASKED',
      images: () => imagesToJudge(images, context),
    },
    context,
  );
  if (decided.step === 'look again') {
    const why = decided.waitsFor === 'ROLLBACK' ? 'nobody says yet whether a rollback puts it back; ' : '';
    const all = refusalText(decided.refusals, context.evidenceBucket);
    context.say(`${question.subject} is looked at again: ${why}${all}`);
  }
  return decided;
}

async function imagesToJudge(
  images: ServiceQuestion['images'],
  context: ServiceGateContext,
): Promise<Result<readonly ImageToJudge[], string>> {
  const { schemaVersion } = context;
  const unknown = schemaVersion === undefined ? undefined : whyUnknownSchema(schemaVersion);
  if (unknown !== undefined) return failed(unknown);
  const named = await images();
  if (!named.ok) return named;
  const { length } = named.value;
  return length > Limit.gateImages
    ? failed(`it has ${length} images, allowed: ${Limit.gateImages}`)
    : ok(named.value.map(each => whoJudges(each, context)));
}

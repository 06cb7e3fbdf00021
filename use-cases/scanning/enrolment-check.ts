import {
  Enrolment,
  isAdmitted,
  isEnrolledByName,
  isEnrolledByTags,
  needsTags,
} from '../../src/core/image/enrolment';
import { otherAccount, type Image, type Place } from '../../src/core/image/image';
import { Seconds } from '../../src/core/times';

interface TagReader {
  tags(repositoryArn: string): Promise<Record<string, string>>;
}

/**
 * Whether a repository is enrolled. Events do not contain its tags, so they are read, and remembered for a
 * while.
 */
export function enrolmentCheck(
  document: string,
  images: TagReader,
): (image: Image, home: Place) => Promise<boolean> {
  const enrolment = Enrolment.parse(JSON.parse(document));
  const remembered = new Map<string, { until: number; enrolled: boolean }>();
  return async ({ account, region, repository }, home) => {
    const other = otherAccount({ account }, home);
    if (other !== undefined) return isEnrolledByName(enrolment, repository, other);
    if (isEnrolledByName(enrolment, repository) || isAdmitted(enrolment, repository)) return true;
    if (!needsTags(enrolment)) return false;
    const known = remembered.get(repository);
    if (known !== undefined && known.until > Date.now()) return known.enrolled;
    const partition = region.startsWith('cn-')
      ? 'aws-cn'
      : region.startsWith('us-gov-')
        ? 'aws-us-gov'
        : 'aws';
    const enrolled = isEnrolledByTags(
      enrolment,
      repository,
      await images.tags(`arn:${partition}:ecr:${region}:${account}:repository/${repository}`),
    );
    remembered.set(repository, { until: Date.now() + Seconds.repositoryTagsRemembered * 1000, enrolled });
    return enrolled;
  };
}

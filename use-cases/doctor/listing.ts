import type { DoctorReaders } from './readers';
import { inParallel } from '../../adapters/in-parallel';
import type { ListedImage, Listing } from '../../src/core/doctor/known-image';
import { Enrolment, isEnrolledByName, isEnrolledByTags, needsTags } from '../../src/core/image/enrolment';
import { imageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { AtOnce } from '../../src/core/times';
import { partOf, type DeployedTrust } from '../deployed-trust/find-trust';

/**
 * The images of enrolled repositories. Those of repositories that are scanned only on request are left out:
 * most of their images are never requested.
 */
export async function listImages(
  trust: DeployedTrust,
  readers: Pick<DoctorReaders, 'repositories' | 'repositoryTags' | 'images'>,
  signal: AbortSignal,
): Promise<Listing> {
  const enrolled = await enrolledRepositories(trust, readers);
  const images: ListedImage[] = [];
  let left = false;
  const { account, region } = trust;
  await inParallel(AtOnce.queries, enrolled, async repository => {
    for await (const { digest, tags, pushedAt } of readers.images(repository)) {
      signal.throwIfAborted();
      left ||= images.length >= Limit.doctorImages;
      if (left) return;
      images.push({ image: imageName({ account, region, repository, digest }), tags, pushedAt });
    }
  });
  return { repositories: enrolled.length, images, left };
}

async function enrolledRepositories(
  trust: DeployedTrust,
  readers: Pick<DoctorReaders, 'repositories' | 'repositoryTags'>,
): Promise<string[]> {
  const enrolment = Enrolment.parse(JSON.parse(partOf(trust, 'enrolment')));
  const all: { readonly name: string; readonly arn: string }[] = [];
  for await (const repository of readers.repositories()) all.push(repository);
  const names = await inParallel(AtOnce.queries, all, async ({ name, arn }) => {
    const isEnrolled =
      isEnrolledByName(enrolment, name) ||
      (needsTags(enrolment) && isEnrolledByTags(enrolment, name, await readers.repositoryTags(arn)));
    return isEnrolled ? [name] : [];
  });
  return names.flat();
}

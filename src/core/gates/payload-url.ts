import { whyNotAt, type Place } from './response-url';

/**
 * Undefined if a URL is one of Amazon S3, where CloudFormation leaves a large request; otherwise why it is
 * not fetched. An event could name any other URL, and the gate must not send requests to it.
 */
export function whyNoPayload(url: string, place: Place): string | undefined {
  const suffix = place.urlSuffix.replaceAll('.', '\\.');
  const host = new RegExp(`^(?:[a-z0-9][a-z0-9.-]*\\.)?s3[.-](?:[a-z0-9-]+\\.){0,2}${suffix}$`);
  return whyNotAt(url, place, { host, allowed: 'Amazon S3' });
}

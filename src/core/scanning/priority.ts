import * as z from 'zod';

/** Whose scan comes first. Within one priority, whoever has waited longest comes first (rule 4.12, turns). */
export const Priority = z.enum([
  'request', // a deployment or a person waits for it
  'importer', // a deployment of another app, perhaps of another account
  'push', // a new image: its team waits for it
  'renewal', // its verdict holds for some time yet, or nobody noticed that it has none
  'enrolment', // an old image of a repository that was enrolled later
]);
export type Priority = z.infer<typeof Priority>;

export function isMoreUrgent(one: Priority, other: Priority): boolean {
  return Priority.options.indexOf(one) < Priority.options.indexOf(other);
}

/** Nobody waits for it: it has its own queue. */
export function isBackground(priority: Priority): boolean {
  return isMoreUrgent('push', priority);
}

/** Leaves a share of the builds to pushes and deployments of the trust's own app. */
export function leavesShare(priority: Priority): boolean {
  return isBackground(priority) || priority === 'importer';
}

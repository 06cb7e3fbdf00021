import type { Place } from '../image/image';

/** An image as it was named, and the digest that the service pulled, where it says so. */
export interface NamedImage {
  readonly reference: string;
  readonly digest?: string;
}

/** Where the images stand that an event does not name. */
export type LookUp =
  | { readonly kind: 'task-definition'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'job-definition'; readonly name: string };

/** Somebody runs images, or changed what will run them. */
export interface Sighting {
  /** The way: `ecs:RunTask`, or the type of an event. */
  readonly way: string;
  /** In words: `service web in the cluster prod`. */
  readonly what: string;
  /** Of what runs or would run the images. A name where the event has no ARN. */
  readonly arn: string;
  readonly place: Place;
  readonly at: string;
  /** The principal, where the event names one. */
  readonly who?: string;
  /** Images that the event names. */
  readonly images: readonly NamedImage[];
  readonly lookUp?: LookUp;
  /** What it names does not run yet, and is seen again, by its digest, when it does. */
  readonly isSeenAgain?: true;
  /** It is pulled again by the name that it has here, and no event says so: only a digest is one image. */
  readonly pullsAgain?: true;
}

/** An event that could not be read: it may have run anything. */
export interface Unread {
  readonly way: string;
  readonly why: string;
  readonly place?: Place;
  readonly at?: string;
  readonly who?: string;
  readonly eventId?: string;
}

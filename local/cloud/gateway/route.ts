import { Answer } from './answer';
import { Call } from './call';

/**
 * A part of the gateway: it answers a call, or leaves it to the next part. Other calls go to MiniStack as a
 * stream.
 */
export type Route = (call: Call) => Promise<Answer | undefined>;

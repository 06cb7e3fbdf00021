import { Answer } from './answer';
import { Call } from './call';

/**
 * A part of the gateway: answers a call, or leaves it to the next one. What nobody takes goes to MiniStack as
 * a stream.
 */
export type Route = (call: Call) => Promise<Answer | undefined>;

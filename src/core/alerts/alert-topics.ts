import * as z from 'zod';

/** `TEXT` is for people and e-mail, `CHAT` a custom notification for chat applications. */
export const AlertFormat = z.enum(['TEXT', 'CHAT']);
export type AlertFormat = z.infer<typeof AlertFormat>;

/** Where alerts go, and in which format: the template passes it to the functions. */
export const AlertTopics = z.array(z.object({ arn: z.string().min(1), format: AlertFormat }));
export type AlertTopics = z.infer<typeof AlertTopics>;

import * as z from 'zod';

/** A pattern in a policy. What its stars stand for says `compileGlob`. */
export const Pattern = z.string().min(1).max(200);

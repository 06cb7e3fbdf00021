import * as z from 'zod';

/**
 * A path in a file: relative to it, with slashes, so that the file means the same wherever the folder lies.
 */
export const RelativePath = z
  .string()
  .min(1)
  .max(1024)
  .refine(path => !/^[/\\~]|^[A-Za-z]:|\\/.test(path), {
    error: 'a path is absolute or has a backslash, allowed: one relative to this file, with /',
  });

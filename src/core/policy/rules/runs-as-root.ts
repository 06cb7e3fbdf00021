import { plainText } from '../../plain-text';
import { defineRule } from '../rule';

/** A user id, or a name. Runtimes read "00" and "+0" as 0, so a number must start with 1 to 9. */
const USER_ID = /^[1-9]\d*(:|$)/;
const USER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*(:|$)/;

/**
 * Images that start as root. What counts is `config.User`, which the runtime reads, not the history, which is the pusher's text.
 * A name is believed: whether it maps to uid 0 stands in a file of the image.
 */
export const runsAsRoot = defineRule('runs-as-root', {}, ({ report }) => {
  const user = report.Metadata.ImageConfig.config?.User ?? '';
  const name = user.split(':')[0]!;
  if (USER_ID.test(user) || (USER_NAME.test(user) && name !== 'root')) return { complaints: [] };
  return {
    complaints: [{
      message: user === '' ? 'the image names no user, so it runs as root' : `the image runs as user ${JSON.stringify(plainText(user, 40))}, which is root`,
      remedy: 'end the Dockerfile with USER and a numeric id other than 0, for example USER 65532:65532',
    }],
  };
});

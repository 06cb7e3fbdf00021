import type { Check } from './check';
import { frontend } from './frontend';
import { noHealthcheck } from './no-healthcheck';
import { pipedToShell } from './piped-to-shell';
import { privilegedBuild } from './privileged-build';
import { runsAsRoot } from './runs-as-root';
import { secret } from './secret';
import { unpinnedImage } from './unpinned-image';
import { unverifiedDownload } from './unverified-download';

export const CHECKS: readonly Check[] = [
  unpinnedImage,
  runsAsRoot,
  secret,
  unverifiedDownload,
  pipedToShell,
  privilegedBuild,
  frontend,
  noHealthcheck,
];

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../../../local/tools/command';
import type { Step } from '../overlay';

/** Programs that people put into images, of few packages each. */
export const GO_PROGRAMS: readonly string[] = [
  'filippo.io/age/cmd/age@v1.2.1',
  'github.com/google/go-containerregistry/cmd/crane@v0.20.6',
  'github.com/junegunn/fzf@v0.65.2',
  'github.com/mikefarah/yq/v4@v4.47.1',
  'github.com/rakyll/hey@v0.1.4',
  'golang.org/x/tools/cmd/goimports@v0.36.0',
  'gotest.tools/gotestsum@v1.12.3',
  'mvdan.cc/sh/v3/cmd/shfmt@v3.12.0',
];

export async function goInstall(folder: string, programs: readonly string[] = GO_PROGRAMS): Promise<void> {
  await mkdir(folder, { recursive: true });
  const environment = { ...process.env, GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '0' };
  for (const program of programs) {
    await mustRun('go', ['install', program], 'the proxy of Go modules must be in reach', {
      cwd: folder,
      environment,
    });
  }
}

export const goPrograms: Step = {
  name: 'go install',
  change: root => goInstall(join(root, 'usr/local/bin')),
};

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packChanges, type PackedLayer } from './layer-tar';
import { mustRun } from '../../../local/tools/command';

/** What one instruction of a Dockerfile does. */
export interface Step {
  /** No other step has it. */
  readonly name: string;
  /** Changes the tree by the tools that people do that with. */
  change(root: string): Promise<void>;
}

interface Built {
  /** Holds what the step changed. */
  readonly upper: string;
  readonly layer: PackedLayer;
}

const REMEDY = 'run it as root on Linux, where overlayfs can be mounted';

/**
 * Makes a layer of what each step changes, as Docker does. Images that begin with the same steps share them.
 */
export class OverlayBuilder {
  private readonly built = new Map<string, Built>();

  constructor(private readonly folder: string) {}

  public async layers(steps: readonly Step[]): Promise<PackedLayer[]> {
    const below: Built[] = [];
    for (const [at, step] of steps.entries()) {
      const key = steps
        .slice(0, at + 1)
        .map(({ name }) => name)
        .join('+');
      const built = this.built.get(key) ?? (await this.build(step, below));
      this.built.set(key, built);
      below.push(built);
    }
    return below.map(({ layer }) => layer);
  }

  /** Calls with the tree that all steps make together. */
  public async withTree<T>(steps: readonly Step[], use: (root: string) => Promise<T>): Promise<T> {
    const below = await this.uppers(steps);
    const root = join(this.folder, 'tree');
    await mkdir(root, { recursive: true });
    if (below.length === 1) return use(below[0]!);
    await this.mount(root, `lowerdir=${[...below].reverse().join(':')}`);
    try {
      return await use(root);
    } finally {
      await mustRun('umount', [root], REMEDY);
    }
  }

  private async uppers(steps: readonly Step[]): Promise<string[]> {
    await this.layers(steps);
    return steps.map(
      (_, at) =>
        this.built.get(
          steps
            .slice(0, at + 1)
            .map(({ name }) => name)
            .join('+'),
        )!.upper,
    );
  }

  private async build(step: Step, below: readonly Built[]): Promise<Built> {
    const own = join(this.folder, `step-${this.built.size}`);
    const [upper, work, root] = [join(own, 'upper'), join(own, 'work'), join(own, 'root')];
    if (existsSync(own)) throw new Error(`${own} is there already: an earlier step failed`);
    for (const each of [upper, work, root]) await mkdir(each, { recursive: true });
    if (below.length === 0) {
      await step.change(upper);
    } else {
      const lower = below
        .map(({ upper: each }) => each)
        .reverse()
        .join(':');
      await this.mount(root, `lowerdir=${lower},upperdir=${upper},workdir=${work}`);
      try {
        await step.change(root);
      } finally {
        await mustRun('umount', [root], REMEDY);
      }
    }
    return { upper, layer: await packChanges(upper, join(own, 'layer.tar.gz')) };
  }

  private mount(root: string, options: string): Promise<string> {
    // redirections and halves of files would be no tree of their own
    const plain = 'redirect_dir=off,metacopy=off,index=off';
    return mustRun('mount', ['-t', 'overlay', 'overlay', '-o', `${options},${plain}`, root], REMEDY);
  }
}

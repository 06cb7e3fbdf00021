import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TAKEN, type Changes } from './apps/gated-stacks/changes';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { eventually } from './eventually';
import { cdk } from '../../local/cloud/cdk';
import { stackResources } from '../../local/cloud/stack-resources';

const cwd = join(__dirname, 'apps', 'gated-stacks');

export type Part = 'Platform' | 'Shop' | 'Billing';

/** A trust in one stack, and gates of it in two others, by `apps/gated-stacks`. */
export class GatedStacks {
  /** What asks for the bus fails, and is rolled back. */
  public static async makeTakenBus(): Promise<void> {
    const { events } = cloud();
    const { EventBuses = [] } = await events.listEventBuses({ NamePrefix: TAKEN });
    if (EventBuses.length === 0) await events.createEventBus({ Name: TAKEN });
  }

  /** By what was changed. */
  private readonly assemblies = new Map<string, string>();

  constructor(private readonly name: string) {}

  public stack(part: Part): string {
    return `${this.name}${part}`;
  }

  public repository(part: 'Shop' | 'Billing'): string {
    return `${this.name}/${part}`.toLowerCase();
  }

  /** One stack and no other, as the app has it with these changes. */
  public async deploy(part: Part, changes: Omit<Changes, 'name' | 'fails'> = {}): Promise<void> {
    await this.run(part, { name: this.name, ...changes });
  }

  /** Fails after everything else is changed, and goes back. */
  public async failToDeploy(part: Part, changes: Omit<Changes, 'name' | 'fails'> = {}): Promise<void> {
    const before = await this.outputs(part);
    const failed = this.run(part, { name: this.name, ...changes, fails: true });
    await expect(failed).rejects.toThrow(`EventBus already exists: ${TAKEN}`);
    expect(await this.status(part)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await this.outputs(part)).toEqual(before);
  }

  public destroy(part: Part): Promise<void> {
    return destroy(this.stack(part));
  }

  public async output(part: Part, name: string): Promise<string> {
    return (await this.outputs(part))[name]!;
  }

  /** By the logical id without the CDK's hash. */
  public async physical(part: Part, type: string, id: string): Promise<string> {
    const found = (await stackResources(cloud(), this.stack(part))).find(
      each => each.ResourceType === type && each.LogicalResourceId!.slice(0, -8) === id,
    );
    if (found === undefined) throw new Error(`${this.stack(part)} has no ${type} ${id}`);
    return found.PhysicalResourceId!;
  }

  /** The variables of a function, as they are deployed. */
  public async variables(part: Part, id: string): Promise<Record<string, string>> {
    const FunctionName = await this.physical(part, 'AWS::Lambda::Function', id);
    const { Environment } = await cloud().lambda.getFunctionConfiguration({ FunctionName });
    return Environment!.Variables!;
  }

  /** What the app was synthesised into. */
  public remove(): void {
    for (const folder of this.assemblies.values()) rmSync(folder, { recursive: true });
  }

  private async run(part: Part, changes: Changes): Promise<void> {
    const app = await this.assembly(JSON.stringify(changes));
    const args = ['deploy', this.stack(part), '--exclusively', '--require-approval=never', '--app', app];
    await cdk(cloud(), args, { cwd });
  }

  /** All stacks are synthesised together. */
  private async assembly(changes: string): Promise<string> {
    const known = this.assemblies.get(changes);
    if (known !== undefined) return known;
    const folder = mkdtempSync(join(tmpdir(), 'gated-stacks-'));
    this.assemblies.set(changes, folder);
    await cdk(cloud(), ['synth', '--quiet', '--output', folder], { cwd, environment: { CHANGES: changes } });
    return folder;
  }

  private async status(part: Part): Promise<string> {
    return (await this.described(part)).StackStatus!;
  }

  private async outputs(part: Part): Promise<Record<string, string>> {
    const { Outputs = [] } = await this.described(part);
    return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  }

  private described(part: Part) {
    return eventually(`the end of ${this.stack(part)}`, async () => {
      const { Stacks: [stack] = [] } = await cloud().cloudformation.describeStacks({
        StackName: this.stack(part),
      });
      return stack!.StackStatus!.endsWith('IN_PROGRESS') ? undefined : stack!;
    });
  }
}

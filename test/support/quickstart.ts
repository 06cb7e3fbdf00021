import { Stack, type App } from 'aws-cdk-lib';
import { FAST } from './synthesise';

/** A template, as far as tests and the scripts of documentation read it. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>
  >;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, any>>;
}

/** Runs the quickstart as a reader would run it, with all its stacks. */
export function quickstartApp(): App {
  process.env.CDK_CONTEXT_JSON = JSON.stringify(FAST);
  // after the context is set: the app is made when its file is read
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('../../examples/quickstart/app') as { app: App }).app;
}

/** The templates of the quickstart by the names of their stacks. */
export function quickstartTemplates(app = quickstartApp()): Readonly<Record<string, CloudFormationTemplate>> {
  return Object.fromEntries(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
}

export function stacksOf(app: App): Stack[] {
  return app.node.children.filter(Stack.isStack);
}

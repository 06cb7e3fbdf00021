import { readFileSync } from 'fs';
import { join, resolve } from 'path';
import { CfnResource, NestedStack, Stack, Stage, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Template, TemplateDocument } from '../core/template/template';

/** A synthesised template, and the stack that it is of. @internal */
export interface AppTemplate extends Template {
  readonly stack: Stack;
  /** By their logical ids: for messages. */
  readonly paths: ReadonlyMap<string, string>;
}

/** All templates of a synthesised app, those of nested stacks too. @internal */
export function appTemplates(app: IConstruct): AppTemplate[] {
  const stacks = app.node.findAll().filter(Stack.isStack);
  return stacks.map(stack => {
    const { account, region, stackName, nestedStackParent, nestedStackResource } = stack;
    return {
      id: templatePath(stack),
      stack,
      document: JSON.parse(readFileSync(templatePath(stack), 'utf8')) as TemplateDocument,
      paths: pathsOf(stack),
      ...(!Token.isUnresolved(account) && { account }),
      ...(!Token.isUnresolved(region) && { region }),
      ...(nestedStackParent === undefined
        ? { stackName }
        : {
            parent: {
              id: templatePath(nestedStackParent),
              logicalId: logicalIdOf(nestedStackResource as CfnResource),
            },
          }),
    };
  });
}

function templatePath(stack: Stack): string {
  return resolve(join(Stage.of(stack)!.outdir, stack.templateFile));
}

/** @internal */
export function logicalIdOf(resource: CfnResource): string {
  return Stack.of(resource).resolve(resource.logicalId) as string;
}

function pathsOf(stack: Stack): ReadonlyMap<string, string> {
  return new Map(
    stack.node
      .findAll()
      .filter(CfnResource.isCfnResource)
      .filter(resource => Stack.of(resource) === stack)
      .map(resource => [logicalIdOf(resource), resource.node.path]),
  );
}

/** Whether its own template, or that of a stack around it, is among those of the plugin. @internal */
export function isUnder(stack: Stack, templates: ReadonlySet<string>): boolean {
  return (
    templates.has(templatePath(stack)) ||
    (NestedStack.isNestedStack(stack) && isUnder(stack.nestedStackParent!, templates))
  );
}

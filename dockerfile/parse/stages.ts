import type { Instruction } from './instruction';
import type { Dockerfile, Problem } from './parse';
import { Declared, Scope } from './variables';
import { expand, Expanded, splitWords } from './words';

/**
 * An instruction that runs in a stage; of an ADD and a USER also the words and flags, with the variables of
 * that moment.
 */
export interface Step {
  readonly instruction: Instruction;
  readonly words: readonly (Expanded & { readonly raw: string })[];
  readonly flags: readonly Expanded[];
}

export interface Stage {
  readonly from: Instruction;
  readonly name?: string;
  /** The image that FROM names. */
  readonly image: Expanded;
  /** The earlier stage that it builds on. */
  readonly parent?: Stage;
  /** What runs in it: first what its parent keeps for it (ONBUILD). */
  readonly steps: readonly Step[];
}

export interface Stages {
  readonly stages: readonly Stage[];
  /** What each ARG and ENV that runs in the file sets; one that ONBUILD kept may run in several stages. */
  readonly declared: ReadonlyMap<Instruction, readonly Declared[]>;
  readonly problems: readonly Problem[];
}

/**
 * The file's stages. A global ARG is for FROM alone, until a stage names it; what a stage declares is there
 * in those that build on it.
 */
export function readStages({ instructions, escape }: Dockerfile): Stages {
  const problems: Problem[] = [];
  const globals = new Scope(escape);
  const named = new Map<string, OpenStage>();
  const stages: OpenStage[] = [];
  const declared = new Map<Instruction, Declared[]>();
  const declare = (instruction: Instruction, scope: Scope) => {
    const variables = scope.declare(instruction);
    if (variables.length > 0) declared.set(instruction, [...(declared.get(instruction) ?? []), ...variables]);
  };
  for (const instruction of instructions) {
    const current = stages.at(-1);
    if (instruction.name === 'FROM') {
      const stage = openStage(instruction, { globals, named, escape, problems, declare });
      stages.push(stage);
      if (stage.name !== undefined) named.set(stage.name, stage);
    } else if (current !== undefined) {
      current.add(instruction);
    } else if (instruction.name === 'ARG') {
      declare(instruction, globals);
    } else {
      problems.push({
        line: instruction.source.line,
        message: `${instruction.name} stands before the first FROM`,
      });
    }
  }
  if (stages.length === 0 && instructions.length > 0) {
    problems.push({ line: instructions[0]!.source.line, message: 'the file has no FROM' });
  }
  return { stages, declared, problems };
}

interface OpenStage extends Stage {
  readonly scope: Scope;
  readonly add: (instruction: Instruction) => void;
}

interface Opening {
  readonly globals: Scope;
  readonly named: ReadonlyMap<string, OpenStage>;
  readonly escape: string;
  readonly problems: Problem[];
  readonly declare: (instruction: Instruction, scope: Scope) => void;
}

function openStage(from: Instruction, { globals, named, escape, problems, declare }: Opening): OpenStage {
  const [image, as, name, ...more] = from.args.split(/[\t\v\f\r ]+/);
  if (more.length > 0 || (as !== undefined && (as.toLowerCase() !== 'as' || name === undefined))) {
    problems.push({
      line: from.source.line,
      message: 'FROM is neither "FROM image" nor "FROM image AS name"',
    });
  }
  const expanded = expand(image!, globals.lookup, escape);
  const parent = named.get(expanded.text.toLowerCase());
  const scope = new Scope(escape, globals, parent?.scope);
  const steps: Step[] = [];
  const add = (instruction: Instruction): void => {
    declare(instruction, scope);
    steps.push(stepOf(instruction, scope, escape));
  };
  for (const {
    instruction: { onbuild },
  } of parent?.steps ?? []) {
    if (onbuild !== undefined) add(onbuild);
  }
  return {
    from,
    image: expanded,
    steps,
    scope,
    add,
    ...(name !== undefined && { name: name.toLowerCase() }),
    ...(parent !== undefined && { parent }),
  };
}

// what checks ask for; to keep each moment's variables for all others would cost their square
const EXPANDED = ['ADD', 'USER'];

function stepOf(instruction: Instruction, { lookup }: Scope, escape: string): Step {
  const { name, args, flags, json } = instruction;
  if (!EXPANDED.includes(name)) return { instruction, words: [], flags: [] };
  const words = json ?? splitWords(args, escape).words.map(({ raw }) => raw);
  return {
    instruction,
    words: words.map(raw => ({ raw, ...expand(raw, lookup, escape) })),
    flags: flags.map(raw => expand(raw, lookup, escape)),
  };
}

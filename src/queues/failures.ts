import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { DeadLetters } from './dead-letters';
import { METRICS, risingAlarm, type Watched } from './rising-alarm';
import { Runbook } from './runbook';

const PERIOD = Duration.minutes(5);

/** The register of a trust, around which its parts are. */
export interface FailuresOwner extends Construct {
  /** By the stack of the parts. */
  readonly _failures: Map<Stack, Failures>;
}

interface WatchedErrors {
  readonly alarm: Alarm;
  readonly watched: Watched[];
}

/**
 * What cannot be handled in the parts of one trust: one queue of dead letters with its alarm, and one alarm
 * on the errors of their functions. Requests of importers and deployments keep their dead letters apart
 * (0036): a message of theirs must reach no other queue, and no other reader.
 *
 * @internal
 */
export class Failures extends Construct {
  /** Those of a part. All parts around a register that are in its stack have the same. */
  public static of(register: FailuresOwner, part: Construct): Failures {
    const stack = Stack.of(part);
    const found = register._failures.get(stack);
    if (found !== undefined) return found;
    const { scope, id, addr } = register.node;
    const isBeside = stack === Stack.of(register);
    const made = isBeside
      ? new Failures(scope!, id === 'Register' ? 'Failures' : `${id}Failures`)
      : new Failures(stack, `Failures${addr.slice(0, 8)}`); // a stack must not wait for the one that waits for it
    register._failures.set(stack, made);
    return made;
  }

  private dead?: DeadLetters;
  private readonly errors: WatchedErrors[] = [];

  public get deadLetters(): DeadLetters {
    this.dead ??= new DeadLetters(this, {
      alarmId: 'Messages',
      alarmText: `Messages that could not be handled are in the dead-letter queue of ${this.node.path}. "cdk-trusted-images redrive" says of which queues they are and why; when that is fixed, it brings them back.`,
    });
    return this.dead;
  }

  /** The alarm that watches the errors of a function. There is another one when the first is full. */
  public errorAlarm(handler: IFunction): Alarm {
    const last = this.errors.at(-1);
    const { alarm, watched } = last === undefined || last.watched.length === METRICS ? this.more() : last;
    watched.push({ metric: handler.metricErrors({ period: PERIOD }), above: 0 });
    return alarm;
  }

  private more(): WatchedErrors {
    const watched: Watched[] = [];
    const count = this.errors.length + 1;
    const alarm = risingAlarm(this, count === 1 ? 'Errors' : `Errors${count}`, PERIOD, () => watched, {
      text: `A function of ${this.node.scope!.node.path} fails. The metric Errors of AWS Lambda says which, and its log says why, on the lines with level ERROR.`,
      section: Runbook.failingFunction,
    });
    const made = { alarm, watched };
    this.errors.push(made);
    return made;
  }
}

import { firstFew, found, noneHere, ok, type Look } from './line';

export interface AlarmState {
  /** Its logical id. */
  readonly name: string;
  /** As CloudWatch says; undefined where the alarm is gone. */
  readonly state: string | undefined;
  readonly hasActions: boolean;
}

/** Whether alarms can tell somebody. */
export function alarmActions(alarms: readonly AlarmState[]): Look {
  const limit = 'each alarm has one, and it is enabled';
  if (alarms.length === 0) return noneHere(limit, 'alarms');
  const silent = alarms.filter(({ state, hasActions }) => state === undefined || !hasActions);
  return silent.length === 0
    ? ok(limit, `${alarms.length} alarms have one`)
    : found(
        limit,
        `silent: ${firstFew(silent.map(({ name, state }) => (state === undefined ? `${name} (gone)` : name)))}`,
        'deploy the stack again, with alerts, or add an action: trust.alerts.addAlarm(alarm); enable its actions in CloudWatch',
      );
}

/** Alarms that went off. Their descriptions say what to do. */
export function alarmsInAlarm(alarms: readonly AlarmState[]): Look {
  const limit = 'none in ALARM';
  if (alarms.length === 0) return noneHere(limit, 'alarms');
  const on = alarms.filter(({ state }) => state === 'ALARM');
  return on.length === 0
    ? ok(limit, `none of ${alarms.length} in ALARM`)
    : found(
        limit,
        `in ALARM: ${firstFew(on.map(({ name }) => name))}`,
        'read the description of the alarm in CloudWatch: it says what to do',
      );
}

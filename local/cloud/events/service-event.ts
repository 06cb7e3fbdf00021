import { randomUUID } from 'node:crypto';

/** @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export interface ServiceEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface EventDraft {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
  readonly account?: string;
  readonly region?: string;
  readonly id?: string;
  readonly time?: string;
}

export function serviceEvent(draft: EventDraft, place: { account: string; region: string }): ServiceEvent {
  return {
    version: '0',
    id: draft.id ?? randomUUID(),
    'detail-type': draft.detailType,
    source: draft.source,
    account: draft.account ?? place.account,
    time: draft.time ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    region: draft.region ?? place.region,
    resources: draft.resources ?? [],
    detail: draft.detail,
  };
}

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import * as W from '../../../src/core/written-json';
import { TrivyReport, readTrivyReport } from '../../../src/core/scanning/trivy-report';
const report = JSON.parse(readFileSync('/work/main/test/reports/fixable-critical.json', 'utf8'));
const result = report.Results.find(({ Vulnerabilities }: any) => Vulnerabilities !== undefined)!;
const [template] = result.Vulnerabilities!;
result.Vulnerabilities = Array.from({ length: 10000 }, (_, index) => ({ ...template, VulnerabilityID: `CVE-2024-${10_000 + index}`, Severity: ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'][index % 4] }));
const bytes = Buffer.from(JSON.stringify(report, undefined, 2));
const med = (f: () => unknown, n = 25) => { const t: number[] = []; for (let i = 0; i < n; i++) { const a = process.hrtime.bigint(); f(); t.push(Number(process.hrtime.bigint() - a) / 1e6); } t.sort((a, b) => a - b); return [t[0]!.toFixed(1), t[n >> 1]!.toFixed(1)]; };
const keys = new W.Keys(z.toJSONSchema(TrivyReport, { io: 'input' }) as any);
const doc = JSON.parse(bytes.toString());
for (let i = 0; i < 3; i++) console.log('base', med(() => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))), 'written', med(() => W.readWrittenJson(bytes, keys)), 'read', med(() => readTrivyReport(bytes)),
  'zod', med(() => TrivyReport.safeParse(doc)), (W as any).inventory && ['inv', med(() => (W as any).inventory(doc, keys)), 'count', med(() => (W as any).countOf(34, bytes))]);

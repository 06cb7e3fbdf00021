import * as z from 'zod';
import { TrivyReport } from '../scanning/trivy-report';

const OperatingSystem = z.object({ Family: z.string(), Name: z.string(), Version: z.string() });

/**
 * What a policy may ask of `input`. To ask for more is an error at compile time: a field that is not in the
 * report is undefined, a rule about it never speaks, and the gate would be open in silence.
 */
export const REPORT_SCHEMA: object = z.toJSONSchema(TrivyReport.extend({ OS: OperatingSystem.optional() }), {
  target: 'draft-7',
});

import { failed, ok, type Result } from '../result';
import { SEVERITIES, Severity } from '../scanning/finding';
import { plainText } from '../text/plain-text';

/**
 * What a policy says of an image. Its texts are as the policy gave them, so they may hold untrusted text:
 * show them with `plainText` (rule 5.5, untrusted text).
 */
export interface RegoMessage {
  /** The rule that says it: `data.trivy.deny` */
  readonly rule: string;
  readonly message: string;
  readonly id?: string;
  readonly severity?: Severity;
  readonly remedy?: string;
}

const ALLOWED = 'allowed: a set, an array or an object of strings or of objects with `msg`';

/** The messages in the value of a rule. Any other value is a mistake in the policy, and not a PASS. */
export function messagesIn(rule: string, value: unknown): Result<readonly RegoMessage[], string> {
  if (typeof value !== 'object' || value === null) {
    return failed(`${rule} is ${shown(value)}, ${ALLOWED}; write \`contains\``);
  }
  if (!Array.isArray(value) && 'msg' in value) {
    return failed(`${rule} is a single message, ${ALLOWED}; write \`contains\``);
  }
  const messages: RegoMessage[] = [];
  for (const element of Object.values(value)) {
    const message = messageOf(rule, element);
    if (!message.ok) return message;
    messages.push(message.value);
  }
  return ok(messages);
}

function messageOf(rule: string, element: unknown): Result<RegoMessage, string> {
  if (typeof element === 'string') return ok({ rule, message: element });
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return failed(`an element of ${rule} is ${shown(element)}, allowed: a string, or an object with \`msg\``);
  }
  const { msg, id, severity, remedy } = element as Record<string, unknown>;
  if (typeof msg !== 'string') {
    return failed(
      `\`msg\` of an element of ${rule} is ${shown(msg)}, allowed: a string; the element is ${shown(element)}`,
    );
  }
  if (!isTextOrAbsent(id)) {
    return failed(`\`id\` of an element of ${rule} is ${shown(id)}, allowed: a string`);
  }
  if (!isTextOrAbsent(remedy)) {
    return failed(`\`remedy\` of an element of ${rule} is ${shown(remedy)}, allowed: a string`);
  }
  const parsed = Severity.optional().safeParse(severity);
  if (!parsed.success) {
    return failed(
      `\`severity\` of an element of ${rule} is ${shown(severity)}, allowed: ${SEVERITIES.join(', ')}`,
    );
  }
  return ok({
    rule,
    message: msg,
    ...(id !== undefined && { id }),
    ...(parsed.data !== undefined && { severity: parsed.data }),
    ...(remedy !== undefined && { remedy }),
  });
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function shown(value: unknown): string {
  return value === undefined ? 'undefined' : plainText(JSON.stringify(value), 120);
}

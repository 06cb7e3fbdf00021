import { escapeXml } from '../xml';
import { Answer, errorAnswer, registryError, textAnswer, xmlAnswer } from './answer';
import { Call } from './call';

/**
 * An error as the service that was called gives its errors, so that a client shows the message and not that
 * it could not be parsed.
 */
export function errorInItsManner(call: Call, status: number, code: string, message: string): Answer {
  if (call.isRegistry) return registryError(status, code, message);
  if (call.isForm) {
    return xmlAnswer(
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`,
    );
  }
  if (call.service === 's3') {
    return xmlAnswer(
      status,
      `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`,
      { 'content-type': 'application/xml' },
    );
  }
  return call.service === 'unknown' ? textAnswer(status, `${message}\n`) : errorAnswer(code, message, status);
}

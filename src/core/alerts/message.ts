import { LINE_CHARACTERS, markdownText, plainText } from '../text/plain-text';

export interface AlertMessage {
  readonly subject: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly nextSteps: readonly string[];
}

/** Plain text, for e-mail. */
export function asText({ title, lines, nextSteps }: AlertMessage): string {
  return [
    title,
    '',
    ...lines.map(each => plainText(each, LINE_CHARACTERS)),
    '',
    'To fix:',
    ...nextSteps.map(step => `- ${plainText(step, 300)}`),
  ].join('\n');
}

/**
 * A custom notification of Amazon Q Developer in chat applications:
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function asChat({ title, lines, nextSteps }: AlertMessage): string {
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: markdownText(title, 250),
      description: lines
        .map(each => markdownText(each, LINE_CHARACTERS))
        .join('\n')
        .slice(0, 8000),
      nextSteps: nextSteps.map(step => markdownText(step, 300)),
    },
  });
}

import { hash } from 'crypto';
import { Html, html } from './html';
import { STYLE } from './style';

interface Document {
  readonly title: string;
  readonly body: Html;
  /** Runs at the end of the page. */
  readonly script?: string;
}

/**
 * A page that needs nothing but itself. Its policy lets a browser load nothing, and run nothing but the one
 * script whose hash it names (rule 5.5, untrusted text).
 */
export function documentOf({ title, body, script }: Document): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${inline('style', STYLE)}
      </head>
      <body>
        ${body}
        <footer>
          <p>
            Written by cdk-trusted-images. This page decides nothing: whether an image may run is what the
            register says at that moment.
          </p>
        </footer>
        ${script === undefined ? undefined : inline('script', script)}
      </body>
    </html> `.markup;
}

/** Its content is exactly the text: the policy names its hash. */
function inline(element: 'style' | 'script', text: string): Html {
  return new Html(`<${element}>${text}</${element}>`);
}

/** As a content security policy names an inline script or style. */
function hashOf(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`;
}

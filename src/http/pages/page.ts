import { html, withCode, type Html, type Part } from './html.js';
import { MARK, standingIcon } from './icons.js';
import { stampText } from './times.js';
import { STANDING_WORDS, type Standing, type Verdict } from './verdict.js';
import { forTime } from './times.js';

/** Nothing inline, nothing from elsewhere, no frame around it, forms only to this server. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'",
  // To this server alone. With "no-referrer" browsers would send "Origin: null" with forms.
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Who looks at the page, and what the page may offer. */
export interface Viewer {
  /** The token's name; null if the page was shown without one. */
  name: string | null;
  /** Whether logging in would let the viewer do more. */
  mayLogIn?: boolean;
  /** Whether the viewer may act. */
  acts: boolean;
  /** Why not, in one line; null if it may. */
  whyNot: string | null;
  /** Whether a cookie carries the session, so that the viewer can log out. */
  hasSession: boolean;
}

/** What a page follows: an account's name, or "*" for all, from a place in the stream on. */
export interface Follows {
  account: string;
  place: string;
}

export interface PageFrame {
  title: string;
  /** The relative path from the page to the server's root: "./", "../", "../../". */
  root: string;
  viewer: Viewer | null;
  /** What the page follows in the stream; null: nothing. */
  follows: Follows | null;
  /** The time of the page, by the database's clock where it is known. */
  now: Date;
  /** Where the page stands: pairs of label and path from the root. The last one is the page itself. */
  crumbs?: readonly (readonly [label: string, path: string])[];
  body: Part;
}

/** A whole page. It can be read without its script, which only keeps it up to date. */
export function page({ title, root, viewer, follows, now, crumbs = [], body }: PageFrame): string {
  return html`<!doctype html>
    <html
      lang="en"
      data-root="${root}"
      data-now="${now.getTime()}"
      data-follows="${follows?.account}"
      data-place="${follows?.place}"
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <title>${title}</title>
        <link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${root}assets/page.css" />
        <script src="${root}assets/page.js" type="module"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="${root}">${MARK}<span>Plumbline</span></a>
          <nav aria-label="Where this page is" class="crumbs">${crumbsOf(crumbs, root)}</nav>
          <p class="link-state" id="link-state" data-state="static">
            <span class="dot" aria-hidden="true"></span
            ><span id="link-words">As of <time datetime="${now.toISOString()}">${stampText(now).slice(11)}</time></span>
          </p>
          ${viewer === null ? null : viewerOf(viewer, root)}
        </header>
        <p class="banner" id="banner" role="alert" hidden></p>
        <p class="visually-hidden" id="news" role="status" aria-live="polite"></p>
        <main id="main" tabindex="-1">${body}</main>
        <footer class="foot">
          <p>Times are UTC. Plumbline only reads from the exchange. <a href="${root}v1/openapi.json">API</a></p>
        </footer>
      </body>
    </html> `.text;
}

function crumbsOf(crumbs: NonNullable<PageFrame['crumbs']>, root: string): Part {
  if (crumbs.length === 0) return null;
  const items = crumbs.map(([label, path], index) =>
    index === crumbs.length - 1
      ? html`<li aria-current="page">${label}</li>`
      : html`<li><a href="${root}${path}">${label}</a></li>`,
  );
  return html`<ol>
    ${items}
  </ol>`;
}

function viewerOf({ name, hasSession, mayLogIn }: Viewer, root: string): Part {
  if (name === null) {
    return mayLogIn === true ? html`<div class="viewer"><a href="${root}login">Log in</a></div>` : null;
  }
  const logout = html`<form method="post" action="${root}logout"><button class="quiet">Log out</button></form>`;
  return html`<div class="viewer"><span>${name}</span>${hasSession && logout}</div>`;
}

/** The standing as a badge: shape and words. */
export function badge(standing: Standing, extra = ''): Html {
  return html`<span class="badge ${standing}"
    >${standingIcon(standing)}<span class="badge-words">${STANDING_WORDS[standing]}</span
    >${extra === '' ? null : html` <span class="badge-more">${extra}</span>`}</span
  >`;
}

/**
 * A verdict that the browser invalidates by its own clock: after `validUntil` a page whose stream is broken, or an account that is
 * silent, must not say "matched" any more.
 */
export function verdictBadge(verdict: Verdict): Html {
  const { standing, validUntil } = verdict;
  const until = validUntil === null ? null : validUntil.getTime();
  return html`<span data-verdict="${standing}" data-valid-until="${until}"
    >${badge(standing, standing === 'ok' ? verdict.detail : '')}</span
  >`;
}

export function sinceOf({ since }: Pick<Verdict, 'since'>, now: Date): Part {
  return since === null ? html`<span class="none">–</span>` : forTime(since, now);
}

/** "3 runs", "1 run". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** A page with only a message: a refusal, an error, or something that does not exist. */
export function messagePage(
  frame: Omit<PageFrame, 'body' | 'follows'>,
  message: { heading: string; text: string; remedy?: string | null },
): string {
  const { heading, text, remedy = null } = message;
  return page({
    ...frame,
    follows: null,
    body: html`<section class="message">
      <h1>${heading}</h1>
      <p>${withCode(text)}</p>
      ${remedy === null ? null : html`<p class="faint">What to do: ${withCode(remedy)}</p>`}
      <p><a href="${frame.root}">All accounts</a></p>
    </section>`,
  });
}

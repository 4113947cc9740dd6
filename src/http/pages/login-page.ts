import { html } from './html.js';
import { page } from './page.js';

export interface LoginView {
  root: string;
  /** Where to go after it: a path of this server without its first slash. */
  next: string;
  /** Why the last attempt was refused; null before one. */
  refused: string | null;
  now: Date;
}

/** Asks for a token. Pure. */
export function loginPage({ root, next, refused, now }: LoginView): string {
  return page({
    title: 'Log in · Plumbline',
    root,
    viewer: null,
    follows: null,
    now,
    body: html`<section class="card login">
      <h1>Log in</h1>
      <p>This server shows its accounts to people who have a token.</p>
      ${refused === null ? null : html`<p class="bad" role="alert" id="refused">${refused}</p>`}
      <form method="post" action="${root}login">
        <input type="hidden" name="next" value="${next}" />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autocomplete="current-password"
          maxlength="200"
          spellcheck="false"
          ${refused === null ? null : html`aria-describedby="refused" aria-invalid="true"`}
        />
        <button class="primary">Log in</button>
      </form>
      <p class="faint">
        A token begins with <code>plb_</code>. <code>plumbline token new --name NAME --role operator</code> makes one;
        the role <code>viewer</code> reads only.
      </p>
    </section>`,
  });
}

// Keeps a page up to date: its times, its verdicts and its sections. The page can be read without it.
// It asks the server only when the stream tells of a change, and says at once when it no longer knows.

const root = document.documentElement;
const { root: toRoot, follows } = root.dataset;
/** The stream beats every 5 s. */
const LOST_AFTER_MS = 12_000;
/** The shortest time between two reads of the page. */
const READ_EVERY_MS = 1_500;
const TICK_MS = 1_000;

const state = {
  /** The server's clock at a moment of ours. */
  server: Number(root.dataset.now),
  monotonic: performance.now(),
  wall: Date.now(),
  place: root.dataset.place ?? '',
  beatAt: performance.now(),
  ledger: true,
  /** Since when the page does not follow, server's clock; null while it does. */
  lostSince: null,
  source: null,
  readAt: -Infinity,
  reading: false,
  wanted: null,
  /** The markup of each section as the server sent it. */
  sent: new Map([...document.querySelectorAll('[data-live]')].map((part) => [part.id, markupOf(part)])),
};

/** The monotonic clock stops while a machine sleeps, and the wall clock may be set back, so the larger of the two counts. */
function now() {
  return state.server + Math.max(0, performance.now() - state.monotonic, Date.now() - state.wall);
}

function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

function clock(ms) {
  return new Date(ms).toISOString().slice(11, 19);
}

function setText(element, text) {
  if (element !== null && element.textContent !== text) element.textContent = text;
}

/** Times, verdicts that are over, and whether the page still follows. */
function tick() {
  const at = now();
  for (const element of document.querySelectorAll('time[data-time]')) {
    const then = Date.parse(element.dateTime);
    if (Number.isNaN(then)) continue;
    const kind = element.dataset.time;
    if (kind === 'ago') setText(element, `${span(at - then)} ago`);
    else if (kind === 'for') setText(element, span(at - then));
    else setText(element, then >= at ? `in ${span(then - at)}` : `${span(at - then)} late`);
  }
  let over = 0;
  for (const verdict of document.querySelectorAll('[data-verdict][data-valid-until]')) {
    const until = Number(verdict.dataset.validUntil);
    if (verdict.dataset.validUntil === '' || at <= until) continue;
    over += 1;
    invalidate(verdict, until);
  }
  const headline = document.querySelector('.headline.ok');
  if (over > 0 && headline !== null) {
    headline.className = 'headline bad';
    headline.textContent = `${over === 1 ? '1 account is' : `${over} accounts are`} overdue`;
    document.querySelector('[data-calm]')?.replaceChildren('Their last verdicts are too old to rely on.');
  }
  if (follows !== '' && state.source !== null && performance.now() - state.beatAt > LOST_AFTER_MS) lost();
  showState(at);
}

/** "Matched" becomes "Unknown" when the next sign of life is overdue; other verdicts say that they are old. */
function invalidate(verdict, until) {
  if (verdict.dataset.over !== undefined) return;
  verdict.dataset.over = '';
  const badge = verdict.querySelector('.badge');
  const isCalm = verdict.dataset.verdict === 'ok' || verdict.dataset.verdict === 'accepted';
  if (isCalm) {
    badge.className = 'badge unknown';
    badge.querySelector('.icon')?.remove();
    badge.querySelector('.badge-more')?.remove();
    setText(badge.querySelector('.badge-words'), `? Unknown since ${clock(until)}`);
    verdict.closest('.card.verdict')?.classList.replace('ok', 'unknown');
    verdict.closest('tr')?.classList.replace('ok', 'unknown');
    for (const gate of (verdict.closest('tr') ?? verdict.closest('.card'))?.querySelectorAll('.gate.open') ?? []) {
      gate.className = 'gate closed';
      gate.textContent = 'not known';
    }
    const { account } = verdict.closest('tr')?.dataset ?? {};
    announce(`${account ?? follows}: unknown since ${clock(until)}`);
  } else if (verdict.dataset.verdict === 'intervention' || verdict.dataset.verdict === 'drift') {
    const more = document.createElement('span');
    more.className = 'detail bad';
    more.textContent = `not checked since ${clock(until)}`;
    verdict.append(more);
  }
}

function showState(at) {
  const element = document.getElementById('link-state');
  const words = document.getElementById('link-words');
  const banner = document.getElementById('banner');
  if (follows === '') return;
  if (state.lostSince !== null) {
    element.dataset.state = 'lost';
    root.dataset.lost = '';
    setText(words, `not following for ${span(at - state.lostSince)}`);
    const text = `Not up to date since ${clock(state.lostSince)} UTC: the server does not answer. What is below may have changed.`;
    if (banner.hidden || banner.textContent !== text) setText(banner, text);
    banner.hidden = false;
  } else if (!state.ledger) {
    element.dataset.state = 'lost';
    root.dataset.lost = '';
    setText(words, 'ledger unreachable');
    setText(banner, 'The ledger does not answer, so nothing new is known. What is below may have changed.');
    banner.hidden = false;
  } else if (state.source !== null) {
    element.dataset.state = 'live';
    delete root.dataset.lost;
    setText(words, `live, ${clock(at)}`);
    banner.hidden = true;
  }
}

function announce(text) {
  setText(document.getElementById('news'), text);
}

/* The stream. */

function connect() {
  if (follows === '' || document.hidden || state.source !== null) return;
  const source = new EventSource(`${toRoot}v1/stream?after=${encodeURIComponent(state.place)}`);
  state.source = source;
  state.beatAt = performance.now();
  source.addEventListener('beat', ({ data }) => {
    state.beatAt = performance.now();
    const { ledger } = JSON.parse(data);
    // What is shown is old until it was read again, so only a read ends the alarm.
    if (!ledger) state.ledger = false;
    else if (state.lostSince !== null || !state.ledger) want(0);
    showState(now());
  });
  source.addEventListener('accounts', ({ data, lastEventId }) => {
    state.place = lastEventId;
    const { accounts } = JSON.parse(data);
    if (accounts.some(concerns)) want(100);
  });
  source.addEventListener('reset', ({ lastEventId }) => {
    state.place = lastEventId;
    want(0);
  });
  source.addEventListener('error', () => {
    lost();
    if (source.readyState !== EventSource.CLOSED) return;
    // The server refused it: the session may have ended, or too many pages follow.
    state.source = null;
    want(0);
    setTimeout(connect, 5_000);
  });
}

function disconnect() {
  state.source?.close();
  state.source = null;
}

function concerns({ account, moved }) {
  if (follows === account) return true;
  if (follows !== '*') return false;
  return moved || document.querySelector(`tr[data-account="${CSS.escape(account)}"]`) !== null;
}

function lost() {
  if (state.lostSince === null) {
    state.lostSince = now();
    announce('The page is not up to date.');
  }
  showState(now());
  // A connection that died without an error is replaced.
  if (performance.now() - state.beatAt > LOST_AFTER_MS && state.source !== null) {
    disconnect();
    setTimeout(connect, 2_000);
  }
}

/* Reading the page again. */

function want(afterMs) {
  if (state.wanted !== null) return;
  const earliest = Math.max(afterMs, state.readAt + READ_EVERY_MS - performance.now());
  state.wanted = setTimeout(() => {
    state.wanted = null;
    void read();
  }, earliest);
}

async function read(url = location.href) {
  if (state.reading) return want(READ_EVERY_MS);
  state.reading = true;
  state.readAt = performance.now();
  const asked = { monotonic: performance.now(), wall: Date.now() };
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'manual' });
    if (response.status === 401) location.reload();
    if (!response.ok) throw new Error(`status ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    const isFollowing = performance.now() - state.beatAt <= LOST_AFTER_MS;
    Object.assign(state, asked, { server: Number(fresh.documentElement.dataset.now), ledger: true });
    if (isFollowing) state.lostSince = null;
    swap(fresh);
    tick();
  } catch {
    if (state.lostSince === null) state.lostSince = now();
    showState(now());
    want(5_000);
  } finally {
    state.reading = false;
  }
}

/** Replaces the sections that have changed, except one in which somebody is typing. */
function swap(fresh) {
  const before = document.querySelector('#verdict [data-verdict], #summary h1')?.textContent.trim();
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id);
    if (next === null || part.id === '') continue;
    if (part.className !== next.className) part.className = next.className;
    const markup = markupOf(next);
    const isOver = part.querySelector('[data-over]') !== null;
    if ((state.sent.get(part.id) === markup && !isOver) || isBusy(part)) continue;
    state.sent.set(part.id, markup);
    const focused = part.contains(document.activeElement) ? pathOf(document.activeElement) : null;
    const open = [...part.querySelectorAll('details[open]')].map(({ id }) => id);
    part.replaceChildren(...document.adoptNode(next).childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    if (focused !== null) part.querySelector(focused)?.focus({ preventScroll: true });
  }
  const after = document.querySelector('#verdict [data-verdict], #summary h1')?.textContent.trim();
  if (after !== undefined && after !== before) announce(after);
}

/** Without the keys of forms, which are new in every answer. */
function markupOf(part) {
  return part.innerHTML.replaceAll(/name="key" value="[\w-]*"/g, '');
}

function isBusy(part) {
  if (part.querySelector('details.act[open]') !== null) return true;
  const active = document.activeElement;
  if (part.contains(active) && active.matches('input, textarea, select')) return true;
  return [...part.querySelectorAll('textarea, input[type="checkbox"]')].some(
    (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
}

function pathOf(element) {
  if (element.id !== '') return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute('href');
  return href === null ? 'summary' : `a[href="${CSS.escape(href)}"]`;
}

/* The filter of the list, as somebody types. */

const filter = document.querySelector('[data-filter]');
let typing = null;
filter?.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const search = new URLSearchParams(new FormData(filter));
    if (search.get('q') === '') search.delete('q');
    history.replaceState(null, '', search.size === 0 ? './' : `./?${search}`);
    void read();
  }, 200);
});
// A form acts once; the key in it makes a repetition harmless.
document.addEventListener('submit', ({ target }) => {
  if (target.method === 'post') for (const button of target.querySelectorAll('button')) button.disabled = true;
});
// A hidden page holds no connection, because browsers allow six to one host.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return disconnect();
  if (follows === '') return;
  want(0);
  connect();
});
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

tick();
setInterval(tick, TICK_MS);
connect();

// A link may carry the token behind the # sign, which a browser sends nowhere. The person still presses the button, so that no
// other page can log somebody in. A browser keeps the part behind the # sign when a server without tokens sends it to another
// page, so every page removes a token from its address.
function takeToken() {
  if (!location.hash.startsWith('#plb_')) return;
  const given = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  const token = document.querySelector('#token');
  if (token === null) return;
  token.value = given;
  token.form.querySelector('button').focus();
}

takeToken();
// Where the form is open already, the link loads nothing.
window.addEventListener('hashchange', takeToken);

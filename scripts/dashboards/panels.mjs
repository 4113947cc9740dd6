// Parts of a Grafana dashboard. A panel is placed by `rows`, from left to right.

const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };
const WIDTH = 24;

/** Red from this value on; green below it. */
export const redFrom = (value) => steps([null, 'green'], [value, 'red']);
/** Green from this value on; red below it. */
export const greenFrom = (value) => steps([null, 'red'], [value, 'green']);
export const orangeFrom = (value) => steps([null, 'green'], [value, 'orange']);
export const neutral = steps([null, 'text']);

function steps(...pairs) {
  return { mode: 'absolute', steps: pairs.map(([value, color]) => ({ color, value })) };
}

/** Numbers as words with a colour: `{ 0: ['closed', 'red'] }`. */
export const words = (texts) => [
  {
    type: 'value',
    options: Object.fromEntries(
      Object.entries(texts).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
];

/** A query over time. */
export const series = (expr, legendFormat = '') => ({ expr, legendFormat, range: true, instant: false });
/** A query of the present, one row for each series. */
export const now = (expr) => ({ expr, instant: true, range: false, format: 'table' });

const targetsOf = (queries) =>
  queries.map((query, index) => ({
    refId: String.fromCodePoint('A'.codePointAt(0) + index),
    datasource: DATA_SOURCE,
    editorMode: 'code',
    ...query,
  }));

function panel(type, { title, description, queries, width, height, defaults, overrides = [], ...rest }) {
  return {
    type,
    title,
    description,
    datasource: DATA_SOURCE,
    gridPos: { h: height, w: width, x: 0, y: 0 },
    targets: targetsOf(queries),
    fieldConfig: { defaults, overrides },
    ...rest,
  };
}

/** One number. */
export function stat({ title, description, expr, thresholds = neutral, unit = 'short', mappings = [], width = 4 }) {
  return panel('stat', {
    title,
    description,
    queries: [series(expr)],
    width,
    height: 4,
    // A missing value is not zero: `serve` is not scraped, or the account was stopped.
    defaults: { unit, thresholds, mappings, noValue: 'unknown', color: { mode: 'thresholds' }, decimals: 0 },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'background',
      graphMode: 'none',
      textMode: 'value',
    },
  });
}

/** Curves; `stacked` as bars on each other. */
export function graph({ title, description, queries, unit = 'short', width = 12, stacked = false, limit, min = 0 }) {
  return panel('timeseries', {
    title,
    description,
    queries,
    width,
    height: 8,
    defaults: {
      unit,
      min,
      ...(limit !== undefined && { thresholds: limit }),
      custom: {
        drawStyle: stacked ? 'bars' : 'line',
        fillOpacity: stacked ? 60 : 0,
        lineWidth: 1,
        showPoints: 'auto',
        stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
        ...(limit !== undefined && { thresholdsStyle: { mode: 'line' } }),
      },
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  });
}

/** Coloured spans, one line for each query. */
export function states({ title, description, queries, mappings, width = WIDTH }) {
  return panel('state-timeline', {
    title,
    description,
    queries,
    width,
    height: 7,
    defaults: {
      mappings,
      thresholds: neutral,
      color: { mode: 'thresholds' },
      custom: { fillOpacity: 80, lineWidth: 0 },
    },
    options: { mergeValues: true, showValue: 'never', legend: { displayMode: 'list', placement: 'bottom' } },
  });
}

/**
 * A row for each value of `key`, a column for each query.
 *
 * @param columns `{ name, expr, unit?, mappings?, thresholds? }`; the queries must have the label `key` alone
 */
export function table({ title, description, key, columns, link, height = 10 }) {
  const named = Object.fromEntries(
    columns.map(({ name }, index) => [`Value #${String.fromCodePoint('A'.codePointAt(0) + index)}`, name]),
  );
  const renameByName = columns.length === 1 ? { Value: columns[0].name } : named;
  const overrides = columns.map(({ name, unit, mappings, thresholds }) => ({
    matcher: { id: 'byName', options: name },
    properties: [
      ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
      ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
      ...(thresholds === undefined && mappings === undefined
        ? []
        : [{ id: 'custom.cellOptions', value: { type: 'color-text' } }]),
      ...(thresholds === undefined ? [] : [{ id: 'thresholds', value: thresholds }]),
    ],
  }));
  if (link !== undefined) {
    overrides.push({ matcher: { id: 'byName', options: key }, properties: [{ id: 'links', value: [link] }] });
  }
  return panel('table', {
    title,
    description,
    queries: columns.map(({ expr }) => now(expr)),
    width: WIDTH,
    height,
    defaults: { noValue: 'unknown', thresholds: neutral, decimals: 0 },
    overrides,
    transformations: [
      ...(columns.length === 1 ? [] : [{ id: 'merge', options: {} }]),
      { id: 'organize', options: { excludeByName: { Time: true }, renameByName } },
    ],
    options: { showHeader: true, footer: { show: false } },
  });
}

export const row = (title, ...panels) => ({ title, panels });

/** Places the panels of each row, starting a new line where one does not fit. */
function placed(rows) {
  const all = [];
  let y = 0;
  const add = (one) => all.push({ id: all.length + 1, ...one });
  for (const { title, panels } of rows) {
    add({ type: 'row', title, collapsed: false, panels: [], gridPos: { h: 1, w: WIDTH, x: 0, y } });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const one of panels) {
      const { w, h } = one.gridPos;
      if (x + w > WIDTH) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      add({ ...one, gridPos: { h, w, x, y } });
      x += w;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return all;
}

const dataSourceVariable = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  refresh: 1,
  hide: 0,
};

/** A variable whose values are those of a label. */
export const labelVariable = (name, label, query) => ({
  name,
  label,
  type: 'query',
  datasource: DATA_SOURCE,
  definition: query,
  query: { query, refId: name },
  refresh: 2,
  sort: 1,
  multi: false,
  includeAll: false,
  hide: 0,
});

export function dashboard({ uid, title, description, from, variables = [], links = [], rows }) {
  return {
    uid,
    title,
    description,
    tags: ['plumbline'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from, to: 'now' },
    timezone: 'browser',
    links,
    templating: { list: [dataSourceVariable, ...variables] },
    annotations: { list: [] },
    panels: placed(rows),
  };
}

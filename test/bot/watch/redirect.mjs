// Sends the requests of ccxt to the simulator, for examples that name no address.
import { binanceusdm, Exchange } from 'ccxt';

replace(
  Exchange,
  'fetch',
  (send) =>
    function (url, ...more) {
      return send.call(this, url.replace(/^https:\/\/[^/]+/, process.env.SIMULATOR), ...more);
    },
);
replace(
  binanceusdm,
  'describe',
  (describe) =>
    function () {
      const options = { fetchMarkets: { types: ['linear'] }, fetchMargins: false };
      return this.deepExtend(describe.call(this), { options });
    },
);

function replace({ prototype }, name, by) {
  prototype[name] = by(Reflect.get(prototype, name));
}

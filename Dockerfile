# Plumbline's image: one for `plumbline migrate`, `worker`, `serve` and every other command.
# glibc, not musl: the native core of Temporal's SDK is built for glibc only, so an Alpine base would not start.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim

# What the image carries at run time. Apart from the build, so that a change in the sources does not install anew.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/primitives/package.json ./packages/primitives/
COPY packages/exchange-simulator/package.json ./packages/exchange-simulator/
COPY packages/dev-stack/package.json ./packages/dev-stack/
COPY packages/bot/package.json ./packages/bot/
COPY packages/client/package.json ./packages/client/
COPY packages/tracing/package.json ./packages/tracing/
# Of the packages only the one that the product is built on: neither simulator nor PostgreSQL. Optional packages are compiler
# binaries, which built code does not need.
RUN npm ci --omit=dev --omit=optional --include-workspace-root --workspace=packages/primitives --ignore-scripts --no-audit \
    --no-fund \
  && npm cache clean --force \
  # ccxt comes as modules, which run here, and as bundles for CommonJS and browsers. Its folder is found by the entry that stays.
  && find node_modules/ccxt/dist -mindepth 1 -maxdepth 1 ! -name ccxt.cjs -exec rm -rf '{}' + \
  # The native core comes for every platform; an image is of one.
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf '{}' + \
  && test -n "$(ls node_modules/@temporalio/core-bridge/releases)"

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/primitives/package.json ./packages/primitives/
COPY packages/exchange-simulator/package.json ./packages/exchange-simulator/
COPY packages/dev-stack/package.json ./packages/dev-stack/
COPY packages/bot/package.json ./packages/bot/
COPY packages/client/package.json ./packages/client/
COPY packages/tracing/package.json ./packages/tracing/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs

FROM ${NODE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="Plumbline" \
  org.opencontainers.image.description="Independently checks that a trading bot's internal state matches what its exchange says" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
  PLUMBLINE_CONFIG=/etc/plumbline/plumbline.yaml
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/packages/primitives/dist ./packages/primitives/dist
COPY packages/primitives/package.json ./packages/primitives/
COPY --from=build /app/dist ./dist
COPY migrations ./migrations
COPY package.json LICENSE ./
# So that `docker compose exec worker plumbline status` reads as it does everywhere else.
RUN printf '#!/bin/sh\nexec node --enable-source-maps /app/dist/cli/main.js "$@"\n' > /usr/local/bin/plumbline \
  && chmod 755 /usr/local/bin/plumbline
# The image's own unprivileged user `node`, as a number so that an orchestrator can see that it is not root.
# It owns nothing in /app: what runs cannot change what runs.
USER 1000:1000
ENTRYPOINT ["node", "--enable-source-maps", "/app/dist/cli/main.js"]
CMD ["--help"]

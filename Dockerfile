# The server; no build step, so the image holds the sources and their packages. With DATABASE_URL it uses that PostgreSQL
# (docker-compose.yml), without it the embedded one, in the volume /var/lib/leadzen. It serves nothing in the clear: it
# wants TLS_CERT and TLS_KEY, or TRUST_PROXY, or for a try on one's own machine NODE_ENV=development.
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE}
WORKDIR /srv/leadzen
ENV NODE_ENV=production

COPY package.json package-lock.json .npmrc ./
# The package that brings Node for a checkout is not needed: the image has its own.
RUN npm ci --omit=dev --no-progress && npm cache clean --force && rm -rf node_modules/node-linux-*

COPY tsconfig.json ./
COPY docs docs
COPY migrations migrations
COPY projections projections
COPY scripts/examples scripts/examples
COPY src src

RUN mkdir -m 700 /var/lib/leadzen && chown node:node /var/lib/leadzen
USER node
ENV HOST=0.0.0.0 PORT=3000 LEADZEN_DATA_DIR=/var/lib/leadzen
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1: it hears the signals.
CMD ["node", "--max-semi-space-size=32", "src/main.ts", "serve"]

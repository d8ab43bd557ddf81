# Workers, `millrace serve` and MLflow: Node, the built code, and the Python environment of the trainers.
FROM node:24.21.0-bookworm-slim

# libgomp1: what LightGBM and XGBoost compute in parallel with.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv libgomp1 ca-certificates git \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /opt/millrace /project /project/.millrace /state \
  && ln -s /opt/millrace/bin/millrace.mjs /usr/local/bin/millrace

USER node
WORKDIR /opt/millrace
# The same steps as on any machine, with the versions and hashes of the lock files.
COPY --chown=node:node . .
RUN node scripts/bootstrap.mjs install

ENV NODE_ENV=production
WORKDIR /project
ENTRYPOINT ["node", "--enable-source-maps", "/opt/millrace/bin/millrace.mjs"]
CMD ["--help"]

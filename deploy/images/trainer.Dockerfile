# Training pods: the Python environment of the trainers, at the paths where the workers' image has it, so that a command means the same in both.
FROM debian:12.12-slim

# libgomp1: what LightGBM and XGBoost compute in parallel with. The user is the one of the workers, who own the job directories.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv libgomp1 ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 1000 millrace \
  && useradd --uid 1000 --gid 1000 --create-home millrace \
  && install -d -o millrace -g millrace /opt/millrace

# By number: a cluster that lets nobody run as root does not look names up.
USER 1000:1000
WORKDIR /opt/millrace
COPY --chown=1000:1000 trainers/requirements.lock trainers/
RUN python3 -m venv .millrace/python \
  && .millrace/python/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check uv==0.13.9 \
  && .millrace/python/bin/uv pip install --quiet --no-cache --python .millrace/python/bin/python --require-hashes -r trainers/requirements.lock \
  && { .millrace/python/bin/python -m compileall -q -j 2 .millrace/python/lib || true; }
COPY --chown=1000:1000 trainers/millrace_trainer trainers/millrace_trainer

ENV PATH=/opt/millrace/.millrace/python/bin:$PATH PYTHONPATH=/opt/millrace/trainers
ENTRYPOINT ["python", "-m", "millrace_trainer"]
CMD ["--help"]

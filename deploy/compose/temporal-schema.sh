#!/bin/sh
# Makes Temporal's two databases, or brings them to the version of these tools; what is there already stays.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal_password)"
export SQL_PASSWORD
for name in temporal visibility; do
  database="$([ "$name" = temporal ] && echo temporal || echo temporal_visibility)"
  temporal-sql-tool --database "$database" create-database || true
  temporal-sql-tool --database "$database" setup-schema --version 0.0 || true
  temporal-sql-tool --database "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$name/versioned"
done

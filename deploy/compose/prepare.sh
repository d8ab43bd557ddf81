#!/bin/sh
# Makes the secrets of docker-compose.yml, each once, at random, and the folder that file triggers watch. Needs openssl.
set -eu
cd "$(dirname "$0")"
# Nobody but you gets into the folder. The files themselves are readable, because containers read them as users of their own.
mkdir -p secrets incoming
chmod 700 secrets

make() {
  [ -e "secrets/$1" ] || { printf %s "$2" >"secrets/$1.new" && chmod 644 "secrets/$1.new" && mv "secrets/$1.new" "secrets/$1"; }
}
make temporal-password "$(openssl rand -hex 24)"
make ledger-password "$(openssl rand -hex 24)"
make s3-access-key "$(openssl rand -hex 10)"
make s3-secret-key "$(openssl rand -hex 24)"
make s3-users.json "{\"identities\": [{\"name\": \"millrace\", \"credentials\": [{\"accessKey\": \"$(cat secrets/s3-access-key)\", \"secretKey\": \"$(cat secrets/s3-secret-key)\"}], \"actions\": [\"Admin\", \"Read\", \"Write\", \"List\", \"Tagging\"]}]}"
make api-token "$(openssl rand -hex 24)"
make api-tokens.json "{\"tokens\": [{\"name\": \"you\", \"sha256\": \"$(printf %s "$(cat secrets/api-token)" | openssl dgst -sha256 -r | cut -c1-64)\", \"scopes\": [\"runs:start\", \"runs:read\", \"runs:cancel\", \"runs:approve\"]}]}"
echo 'Ready. Next: docker compose up --build --detach'

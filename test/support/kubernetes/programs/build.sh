#!/usr/bin/env bash
# build.sh FOLDER VERSION: builds the cluster's programs from Go modules into FOLDER, unless it is there. Whoever comes second waits for the first one.
set -euo pipefail
folder=$1 version=$2
cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ ! -d "$folder" ] || exit 0

rm -rf "$folder".aside.* # of a build that was killed
aside=$(mktemp -d "$folder.aside.XXXXXX")
trap 'rm -rf "$aside"' EXIT
chmod 755 "$aside"

export CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath -buildvcs=false'
# A link alone takes 2 GB; more than two compilers beside each other would not make it faster where it matters.
# Without its version stamped in, an API server calls itself v0.0.0 and the others refuse to work with it.
stamp=k8s.io/component-base/version
go build -p 2 -o "$aside/kubernetes" -ldflags \
  "-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=$(cut -d. -f1 <<<"$version") -X $stamp.gitMinor=$(cut -d. -f2 <<<"$version")" .
go build -p 2 -o "$aside/pause" -ldflags '-s -w' ./pause
ln -s kubernetes "$aside/kubectl"
# Complete, or not there: another process may look at any moment.
mv -T "$aside" "$folder"

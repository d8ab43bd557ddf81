#!/usr/bin/env bash
# fetch-runtime.sh FOLDER: Debian's containerd and runc, unpacked into FOLDER and not installed, unless they are there.
set -euo pipefail
folder=$1
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ ! -d "$folder" ] || exit 0

rm -rf "$folder".aside.*
aside=$(mktemp -d "$folder.aside.XXXXXX")
trap 'rm -rf "$aside"' EXIT
chmod 755 "$aside"
cd "$aside"
# The lists may be old, or not there at all.
apt-get download -q containerd runc || { apt-get update -q && apt-get download -q containerd runc; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
rm -- *.deb
mv -T "$aside" "$folder"

#!/bin/sh
# Makes the bucket of the artifact store, unless it is there.
set -eu
if ! echo 's3.bucket.list' | weed shell -master=s3:9333 | grep -qw millrace; then
  echo 's3.bucket.create -name millrace' | weed shell -master=s3:9333
fi
echo 's3.bucket.list' | weed shell -master=s3:9333 | grep -w millrace

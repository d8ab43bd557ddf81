#!/bin/sh
# Makes the namespace `default` and the search attributes, unless they are there. Closed runs are kept 30 days.
set -eu
temporal operator namespace describe --namespace default ||
  temporal operator namespace create --namespace default --retention 720h
for name in MillracePipeline MillraceStage MillraceOutcome MillraceModel; do
  temporal operator search-attribute create --namespace default --name "$name" --type Keyword || true
done

#!/bin/sh
# Makes ids.go and texts.lre anew from the lists that licence types rest on, in the releases
# named here. It needs go, npm, pip, and their registries.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT
npm pack --silent --pack-destination "$tmp" @blueoak/list@15.0.0 >/dev/null
pip download --quiet --no-deps --dest "$tmp" scancode-toolkit==32.5.0
mkdir "$tmp/out"
go run ./internal/ids "$tmp"/*.tgz "$tmp"/*.whl "$tmp/out"
mv "$tmp"/out/* .
go generate ./internal/match

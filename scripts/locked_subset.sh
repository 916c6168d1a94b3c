#!/bin/sh
# Print the entries of requirements.lock for the packages named, with their hashes.
set -eu
for name in "$@"; do
  sed -n "/^$name==/,/^[a-z]/p" requirements.lock | sed -n "/^$name==/p; /^    --hash/p"
done

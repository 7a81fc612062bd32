#!/bin/sh
# Writes the secrets that docker-compose.yml needs, random ones; what is there stays.
# Usage: deploy/create-secrets.sh [folder]     (default: deploy/secrets, which is never committed)
set -eu
folder=${1:-$(dirname "$0")/secrets}
# Nobody else gets through the outer folder. What is inside can be read, because the user in a container has another id than yours, and
# written by you alone, to rotate it.
mkdir -p "$folder/gateway"
chmod 700 "$folder"
chmod 755 "$folder/gateway"
for name in gateway/Bootstrap__AdminToken gateway/Security__MasterKey gateway/ConnectionStrings__PostgresPassword gateway/ConnectionStrings__RedisPassword grafana_password; do
  if [ ! -s "$folder/$name" ]; then
    openssl rand -hex 32 > "$folder/$name"
    echo "created $folder/$name"
  fi
  chmod 644 "$folder/$name"
done

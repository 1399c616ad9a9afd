#!/usr/bin/env bash
# Puts the signing certificate of CERTIFICATE (base64 of a .p12) and CERTIFICATE_PASSWORD into a keychain of its own.
set -euo pipefail
keychain="$RUNNER_TEMP/scipix.keychain-db"
file="$RUNNER_TEMP/scipix.p12"
password=$(uuidgen)
trap 'rm -f "$file"' EXIT
printf '%s' "$CERTIFICATE" | base64 --decode >"$file"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 21600 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$file" -P "$CERTIFICATE_PASSWORD" -f pkcs12 -k "$keychain" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db

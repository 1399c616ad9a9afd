#!/usr/bin/env bash
# Signs Scipix.app, puts it into a disk image, has Apple notarize that. Usage: sign.sh dist/Scipix.app dist/Scipix.dmg
# Secrets come from the environment: SCIPIX_SIGN_IDENTITY, and for notarizing SCIPIX_NOTARY_APPLE_ID,
# SCIPIX_NOTARY_TEAM_ID and SCIPIX_NOTARY_PASSWORD. What has no secret is skipped, and said.
set -euo pipefail
app=$1
image=$2
here=$(cd "$(dirname "$0")" && pwd)

if [ -n "${SCIPIX_SIGN_IDENTITY:-}" ]; then
    sign=(codesign --force --timestamp --options runtime --sign "$SCIPIX_SIGN_IDENTITY")
    # From the inside out: a signature covers what lies in it.
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 | xargs -0 "${sign[@]}"
    find "$app/Contents" -type d -name '*.framework' -print0 | xargs -0 -r "${sign[@]}"
    "${sign[@]}" --entitlements "$here/entitlements.plist" "$app"
    codesign --verify --strict --deep "$app"
else
    echo "sign.sh: not signed: SCIPIX_SIGN_IDENTITY is not set" >&2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
rm -f "$image"
# The system's virus scanner may still hold a file of the new folder: "Resource busy".
for attempt in 1 2 3; do
    hdiutil create -volname Scipix -srcfolder "$folder" -format ULFO -ov "$image" && break
    [ "$attempt" -lt 3 ] || exit 1
    sleep "${SCIPIX_PAUSE:-15}"
done

if [ -n "${SCIPIX_SIGN_IDENTITY:-}" ] && [ -n "${SCIPIX_NOTARY_PASSWORD:-}" ]; then
    codesign --force --timestamp --sign "$SCIPIX_SIGN_IDENTITY" "$image"
    xcrun notarytool submit "$image" --wait --apple-id "$SCIPIX_NOTARY_APPLE_ID" \
        --team-id "$SCIPIX_NOTARY_TEAM_ID" --password "$SCIPIX_NOTARY_PASSWORD"
    xcrun stapler staple "$image"
else
    echo "sign.sh: not notarized: the SCIPIX_NOTARY_ variables are not set" >&2
fi

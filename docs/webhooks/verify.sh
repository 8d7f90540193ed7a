#!/bin/sh
# Verifies a webhook of InboundFlow by openssl. The body, as it came, is on standard input:
#
#   WEBHOOK_SECRET=whsec_… sh verify.sh standard ID TIMESTAMP SIGNATURE <body
#   WEBHOOK_SECRET=whsec_… sh verify.sh documented SIGNATURE <body
#
# Ends with 0 where the signature is the body's, else with another number.
set -euf

case ${1-}:$# in
standard:4 | documented:2) ;;
*) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
: "${WEBHOOK_SECRET:?}"

hex() { od -An -v -tx1 | tr -d ' \n'; }
hmac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary; }
# Both are hashed with a random key first: how long `=` takes then tells nothing of where they differ.
blinded() { printf %s "$1" | hmac "$blind" | hex; }
same() { [ "$(blinded "$1")" = "$(blinded "$2")" ]; }
blind=$(openssl rand -hex 32)

case $1 in
standard)
  id=$2 timestamp=$3 signatures=$4
  case $timestamp in '' | 0* | *[!0-9]* | ?????????????*) exit 1 ;; esac
  age=$((${NOW:-$(date +%s)} - timestamp))
  [ "${age#-}" -le 300 ] || exit 1
  key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | hex)
  expected=v1,$({ printf '%s.%s.' "$id" "$timestamp"; cat; } | hmac "$key" | openssl base64 -A)
  for one in $signatures; do
    if same "$expected" "$one"; then exit 0; fi
  done
  exit 1 ;;
documented)
  key=$(printf %s "$WEBHOOK_SECRET" | hex)
  same "sha256=$(hmac "$key" | hex)" "$2" ;;
esac

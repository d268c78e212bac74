#!/bin/sh
# Sends a group call with a recall flow and asks for the flow's detail, with curl alone.
#
#   BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... ./send.sh 99910000001 99910000002
#
# `npm run demo` prints the four values. Needs curl, sed and md5sum (or md5, as on macOS).
set -eu

: "${BASE_URL:=http://127.0.0.1:8080/v3}"
: "${API_KEY:?set API_KEY; npm run demo prints it}"
: "${API_SECRET:?set API_SECRET; npm run demo prints it}"
: "${APP_ID:?set APP_ID; npm run demo prints it}"
[ $# -gt 0 ] || { echo "usage: $0 NUMBER..." >&2; exit 2; }

md5_of() {
  if command -v md5sum >/dev/null; then printf %s "$1" | md5sum | cut -d ' ' -f 1; else md5 -q -s "$1"; fi
}

# call METHOD PATH [BODY]: Sign is the MD5 of key, secret and the Unix time in seconds.
call() {
  timestamp=$(date +%s)
  curl --silent --show-error --request "$1" "$BASE_URL$2" \
    --header 'Content-Type: application/json;charset=UTF-8' \
    --header "Api-Key: $API_KEY" \
    --header "Timestamp: $timestamp" \
    --header "Sign: $(md5_of "$API_KEY$API_SECRET$timestamp")" \
    ${3:+--data "$3"}
}

# number_in JSON KEY: the first number under a key.
number_in() {
  printf %s "$1" | sed -n "s/.*\"$2\":\([0-9][0-9]*\).*/\1/p"
}

numbers=''
for number in "$@"; do
  numbers="$numbers${numbers:+,}{\"calleeNumber\":\"$number\",\"text1\":\"friend\"}"
done

sent=$(call POST /voice/group/call/send "{
  \"appId\": \"$APP_ID\",
  \"taskName\": \"curl $(date +%s)-$$\",
  \"numberInfoList\": [$numbers],
  \"source\": 3, \"lan\": \"EN\", \"text\": \"Hello \${text1}. Press 1 to be called back.\",
  \"loopCount\": 1, \"maxCalls\": 30, \"maxRingingTime\": 20,
  \"hangUpSms\": 0, \"toSeat\": 0,
  \"recallFlow\": { \"recallType\": 1, \"recallInterval\": 1, \"recallNum\": 1, \"nodeList\": [] }
}")
echo "group/call/send: $sent"
task=$(number_in "$sent" data)
[ -n "$task" ] || exit 1

detail=$(call GET "/voice/group/call/detail/$task")
echo "group/call/detail: $detail"
flow=$(number_in "$detail" recallFlowId)

echo "recallFlow/queryDetail: $(call POST /voice/recallFlow/queryDetail "{\"keyId\":$flow}")"

#!/bin/sh
# Uploads a file, calls a list of numbers with it, calls once more whoever was not reached, and shows what came of every call. With curl alone.
#
#   BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... ./group-call.sh hello.wav 99910000001 99910000002
#
# `npm run demo` prints the four values. Needs curl, sed, base64 and md5sum (or md5, as on macOS).
set -eu

: "${BASE_URL:=http://127.0.0.1:8080/v3}"
: "${API_KEY:?set API_KEY; npm run demo prints it}"
: "${API_SECRET:?set API_SECRET; npm run demo prints it}"
: "${APP_ID:?set APP_ID; npm run demo prints it}"
[ $# -gt 1 ] || { echo "usage: $0 FILE NUMBER..." >&2; exit 2; }

md5_of() {
  if command -v md5sum >/dev/null; then printf %s "$1" | md5sum | cut -d ' ' -f 1; else md5 -q -s "$1"; fi
}

# call PATH: signs and posts what comes in; Sign is the MD5 of key, secret and the Unix time in seconds.
# Every answer is HTTP 200, and has the code twice: in "status" and in "code", the one or the other as text.
call() {
  timestamp=$(date +%s)
  answer=$(curl --silent --show-error --max-time 30 "$BASE_URL$1" \
    --header 'Content-Type: application/json;charset=UTF-8' \
    --header "Api-Key: $API_KEY" \
    --header "Timestamp: $timestamp" \
    --header "Sign: $(md5_of "$API_KEY$API_SECRET$timestamp")" \
    --data-binary @-)
  case $answer in
    *'"status":"0"'* | *'"status":0,'* | *'"code":0,'*) printf '%s\n' "$answer" ;;
    *) echo "$1: $answer" >&2; return 1 ;;
  esac
}

# number_in JSON KEY, text_in JSON KEY: what is under a key, where it is there once.
number_in() { printf %s "$1" | sed -n "s/.*\"$2\":\([0-9][0-9]*\).*/\1/p"; }
text_in() { printf %s "$1" | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p"; }

file=$1
shift
name="curl-$(date +%s)"

answer=$(printf '{"fileName":"%s.wav","file":"%s"}' "$name" "$(base64 <"$file" | tr -d '\n')" | call /voice/fileUpload)
file_id=$(text_in "$answer" data)
echo "file $file_id"

numbers=''
for number in "$@"; do numbers="$numbers${numbers:+,}{\"calleeNumber\":\"$number\"}"; done
answer=$(call /voice/group/call/send <<EOF
{
  "appId": "$APP_ID",
  "taskName": "$name",
  "numberInfoList": [$numbers],
  "source": 1, "voiceFileId": "$file_id",
  "loopCount": 1, "maxCalls": 30, "maxRingingTime": 20,
  "hangUpSms": 0, "toSeat": 0,
  "recallFlow": { "recallType": 1, "recallInterval": 1, "recallNum": 1, "nodeList": [] }
}
EOF
)
task=$(number_in "$answer" data)
echo "task $task"

# The flow of a task is found by the task's id.
answer=$(printf '{"current":1,"size":1,"params":{"strTime":"2020-01-01 00:00:00","endTime":"2099-01-01 00:00:00","taskName":"%s"}}' "$task" |
  call /voice/recallFlow/queryPage)
flow=$(number_in "$answer" keyId)
echo "flow $flow"

# The detail begins with the flow's own fields; its status is the one before the list of rounds.
while :; do
  detail=$(printf '{"keyId":%s}' "$flow" | call /voice/recallFlow/queryDetail)
  status=$(number_in "${detail%%\"nodeList\"*}" status)
  [ "$status" -lt 2 ] || break
  sleep 2
done
echo "flow $flow status $status"

# Each round that was called has a task of its own.
nodes=${detail#*\"nodeList\"}
nodes=${nodes%%\"records\"*}
round=0
for task in "$task" $(printf %s "$nodes" | tr '{' '\n' | sed -n 's/.*"taskId":\([0-9][0-9]*\).*/\1/p'); do
  round=$((round + 1))
  current=1
  while :; do
    page=$(printf '{"current":%s,"size":100,"params":{"taskId":%s}}' "$current" "$task" | call /voice/group/call/records)
    printf '%s\n' "$page" | tr '{' '\n' |
      sed -n "s/.*\"callee\":\"\([0-9]*\)\".*\"callStatus\":\([0-9]*\).*/round $round: \1 callStatus \2/p"
    [ "$current" -lt "$(number_in "$page" pages)" ] || break
    current=$((current + 1))
  done
done

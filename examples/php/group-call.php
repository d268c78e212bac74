<?php
/**
 * Uploads a file, calls a list of numbers with it, calls once more whoever was not reached, and shows what came of every call.
 *
 *   BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... php group-call.php hello.wav 99910000001 99910000002
 *
 * `npm run demo` prints the four values. Needs PHP 8.1 and none of its extensions.
 */
declare(strict_types=1);

const USUAL = ['status', '0'];

/**
 * Posts a signed request and returns `data`. Sign is the MD5 of key, secret and the Unix time in seconds. Every answer is HTTP 200; whether it worked is
 * told by `status` or `code`, which is a text at some endpoints and a number at others: `$success` is the one that the endpoint's documentation shows.
 */
function call(string $path, array $body, array $success = USUAL): mixed
{
    $timestamp = (string) time();
    $headers = [
        'Content-Type: application/json;charset=UTF-8',
        'Api-Key: ' . setting('API_KEY'),
        'Timestamp: ' . $timestamp,
        'Sign: ' . md5(setting('API_KEY') . setting('API_SECRET') . $timestamp),
    ];
    $http = [
        'method' => 'POST',
        'header' => $headers,
        'content' => json_encode($body, JSON_THROW_ON_ERROR),
        'timeout' => 30,
        'follow_location' => 0,
        'ignore_errors' => true,
    ];
    $text = file_get_contents(setting('BASE_URL') . $path, false, stream_context_create(['http' => $http]));
    if ($text === false) {
        throw new RuntimeException("$path: no answer");
    }
    $answer = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
    [$key, $literal] = $success;
    if (($answer[$key] ?? null) !== $literal) {
        throw new RuntimeException("$path: " . ($answer['reason'] ?? $text) . ' (code ' . ($answer['status'] ?? 'none') . ')');
    }
    return $answer['data'];
}

function setting(string $name): string
{
    $value = getenv($name);
    if ($value === false || $value === '') {
        fwrite(STDERR, "set $name; npm run demo prints it\n");
        exit(2);
    }
    return $value;
}

/** Every callee of a task and what came of it, page by page. */
function resultsOf(int $taskId): iterable
{
    $current = 1;
    do {
        $request = ['current' => $current, 'size' => 100, 'params' => ['taskId' => $taskId]];
        $page = call('/voice/group/call/records', $request);
        yield from $page['records'];
    } while ($current++ < $page['pages']);
}

if ($argc < 3) {
    fwrite(STDERR, "usage: php {$argv[0]} FILE NUMBER...\n");
    exit(2);
}
set_exception_handler(function (Throwable $error): void {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
});
$numbers = array_slice($argv, 2);
$content = file_get_contents($argv[1]);
if ($content === false) {
    throw new RuntimeException("{$argv[1]} cannot be read");
}
// No two files of an account have the same name, and no two tasks.
$name = 'php-' . time();

$fileId = call('/voice/fileUpload', [
    'fileName' => "$name.wav",
    'file' => base64_encode($content),
]);
echo "file $fileId\n";

$taskId = call('/voice/group/call/send', [
    'appId' => setting('APP_ID'),
    'taskName' => $name,
    'numberInfoList' => array_map(fn (string $number) => ['calleeNumber' => $number], $numbers),
    'source' => 1,
    'voiceFileId' => $fileId,
    'loopCount' => 1,
    'maxCalls' => 30,
    'maxRingingTime' => 20,
    'hangUpSms' => 0,
    'toSeat' => 0,
    'recallFlow' => ['recallType' => 1, 'recallInterval' => 1, 'recallNum' => 1, 'nodeList' => []],
]);
echo "task $taskId\n";

$span = ['strTime' => '2020-01-01 00:00:00', 'endTime' => '2099-01-01 00:00:00'];
$tasks = call('/voice/group/call/query', ['current' => 1, 'size' => 1, 'params' => $span + ['searchCondition' => $name]], ['code', 0]);
echo "numbers {$tasks['records'][0]['numCnt']}\n";

// The flow of a task is found by the task's id.
$search = ['current' => 1, 'size' => 1, 'params' => $span + ['taskName' => (string) $taskId]];
$flowId = call('/voice/recallFlow/queryPage', $search, ['status', 0])['records'][0]['keyId'];
echo "flow $flowId\n";

// 2 completed, 3 cancelled, 4 broken.
while (($flow = call('/voice/recallFlow/queryDetail', ['keyId' => $flowId], ['code', 0]))['status'] < 2) {
    sleep(2);
}
echo "flow $flowId status {$flow['status']}\n";

// Each round that was called has a task of its own.
$rounds = [$taskId, ...array_filter(array_column($flow['nodeList'], 'taskId'))];
foreach ($rounds as $index => $round) {
    foreach (resultsOf($round) as $result) {
        echo 'round ', $index + 1, ": {$result['callee']} callStatus {$result['callStatus']}\n";
    }
}

<?php
/**
 * Receives status reports, believes only those that are signed, and shows each.
 *
 *   REPORT_SECRET=... php -S 127.0.0.1:8000 receive-reports.php
 *
 * The secret is the app's. Behind a web server it is the same script. Needs PHP 8.1 and none of its extensions.
 */
declare(strict_types=1);

const TOLERANCE_S = 300;

/** `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 of the time, a dot and the body as it came. There may be several v1. */
function isSigned(string $header, string $body, string $secret): bool
{
    if (!preg_match('/^t=(\d{1,12})((?:,\s*v1=[0-9a-f]{64})+)$/i', $header, $found)) {
        return false;
    }
    if (abs(time() - (int) $found[1]) > TOLERANCE_S) {
        return false;
    }
    $right = hash_hmac('sha256', "$found[1].$body", $secret);
    preg_match_all('/v1=(\w+)/', $found[2], $given);
    $isRight = false;
    foreach ($given[1] as $signature) {
        $isRight = hash_equals($right, strtolower($signature)) || $isRight;
    }
    return $isRight;
}

$secret = (string) getenv('REPORT_SECRET');
if ($secret === '') {
    // Without a secret anybody could sign.
    error_log('set REPORT_SECRET');
    http_response_code(500);
    return;
}
$body = file_get_contents('php://input');
if (!isSigned($_SERVER['HTTP_CARILLON_SIGNATURE'] ?? '', $body, $secret)) {
    http_response_code(400);
    return;
}
$reports = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
// One report, or a list where the app is set to batches. The same report may come again: voiceId tells.
foreach (array_is_list($reports) ? $reports : [$reports] as $report) {
    $line = "report {$report['voiceId']} {$report['callee']} callStatus {$report['callStatus']}\n";
    file_put_contents('php://stdout', $line);
}
// Any 2xx within ten seconds is delivered; anything else comes again later.
http_response_code(200);

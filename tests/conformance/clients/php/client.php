<?php
// AsyncAws' client for SQS, one call at a time: python/bridge.py tells the lines it reads and writes.

use AsyncAws\Core\Exception\Http\HttpException;
use AsyncAws\Core\Result;
use AsyncAws\Sqs\SqsClient;

require 'AsyncAws/Sqs/autoload.php';

/** {"$bytes": base64} becomes the bytes. */
function to_sdk(mixed $value): mixed
{
    if (!is_array($value)) {
        return $value;
    }
    return isset($value['$bytes']) ? base64_decode($value['$bytes']) : array_map('to_sdk', $value);
}

/** A result or value object as plain data: its getters under their names on the wire. */
function to_plain(mixed $value): mixed
{
    if (is_iterable($value) && !$value instanceof Result) {
        return array_map('to_plain', is_array($value) ? $value : iterator_to_array($value, false));
    }
    if (!is_object($value)) {
        return $value;
    }
    $plain = [];
    foreach (get_class_methods($value) as $method) {
        if (!preg_match('/^get[A-Z]/', $method)) {
            continue;
        }
        $pages = (new ReflectionMethod($value, $method))->getNumberOfParameters();  // lists in pages take "this page only"
        $item = $pages ? $value->$method(true) : $value->$method();
        if ($item !== null) {
            $name = str_replace('Md5', 'MD5', substr($method, 3));
            $plain[$name] = $name === 'BinaryValue' ? base64_encode($item) : to_plain($item);
        }
    }
    return $plain;
}

function answer(SqsClient $client, array $step): array
{
    try {
        $result = $client->{lcfirst($step['call'])}(to_sdk($step['input']));
        $result->resolve();
        return ['output' => (object) to_plain($result)];
    } catch (HttpException $refused) {
        return ['refused' => ['code' => $refused->getAwsCode(), 'message' => $refused->getAwsMessage(),
            'status' => $refused->getResponse()->getStatusCode()]];
    } catch (Throwable $broken) {
        return ['broken' => get_class($broken) . ': ' . $broken->getMessage()];
    }
}

[, $endpoint, $region, $id, $secret] = $argv;
$client = new SqsClient(['endpoint' => $endpoint, 'region' => $region, 'accessKeyId' => $id, 'accessKeySecret' => $secret]);
while (($line = fgets(STDIN)) !== false) {
    echo json_encode(answer($client, json_decode($line, true)), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
}

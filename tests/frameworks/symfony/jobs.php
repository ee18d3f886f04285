<?php
// Symfony Messenger over its SQS transport: this process does the jobs, a second one sends them.

use Symfony\Component\Messenger\Bridge\AmazonSqs\Transport\AmazonSqsFifoStamp;
use Symfony\Component\Messenger\Bridge\AmazonSqs\Transport\AmazonSqsTransportFactory;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Handler\HandlersLocator;
use Symfony\Component\Messenger\MessageBus;
use Symfony\Component\Messenger\Middleware\HandleMessageMiddleware;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;
use Symfony\Component\Messenger\Transport\TransportInterface;
use Symfony\Component\Messenger\Worker;

require 'Symfony/Component/Messenger/autoload.php';
require 'Symfony/Component/Messenger/Bridge/AmazonSqs/autoload.php';

final class Work
{
    public function __construct(public int $number, public int $value)
    {
    }
}

function transport(): TransportInterface
{
    $address = parse_url(getenv('JOBS_ENDPOINT'));
    $name = getenv('JOBS_QUEUE');
    $dsn = "sqs://any:any@{$address['host']}:{$address['port']}/$name?sslmode=disable&region=us-east-1&auto_setup=false";
    return (new AmazonSqsTransportFactory())->createTransport($dsn, ['wait_time' => 2], new PhpSerializer());
}

function send_all(int $count): void
{
    $fifo = str_ends_with(getenv('JOBS_QUEUE'), '.fifo');
    $transport = transport();
    for ($number = 0; $number < $count; ++$number) {
        $stamps = $fifo ? [new AmazonSqsFifoStamp('group-' . $number % 4, "job-$number")] : [];
        while (true) {  // as a producer must: whatever was not answered is sent again
            try {
                $transport->send(new Envelope(new Work($number, $number + 7), $stamps));
                break;
            } catch (Throwable $unanswered) {
                fwrite(STDERR, 'send ' . $unanswered->getMessage() . "\n");
                usleep(200_000);
            }
        }
    }
    echo "sent\n";
}

function work_on(): void
{
    $handle = function (Work $work) {
        echo "done $work->number ", $work->value ** 2, "\n";
    };
    $bus = new MessageBus([new HandleMessageMiddleware(new HandlersLocator([Work::class => [$handle]]))]);
    while (true) {  // as a service manager does: a worker that ends is started again
        try {
            (new Worker(['sqs' => transport()], $bus))->run(['sleep' => 50_000]);
        } catch (Throwable $ended) {
            fwrite(STDERR, 'worker ' . $ended->getMessage() . "\n");
            usleep(200_000);
        }
    }
}

if (pcntl_fork() === 0) {
    send_all((int) getenv('JOBS_COUNT'));
} else {
    work_on();
}

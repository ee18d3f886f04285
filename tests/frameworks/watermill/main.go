// Watermill with its AWS transport: a publisher and a subscriber of one topic, which is a queue.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-aws/sqs"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	amazonsqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	transport "github.com/aws/smithy-go/endpoints"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	queue := os.Getenv("JOBS_QUEUE")
	count := must(strconv.Atoi(os.Getenv("JOBS_COUNT")))
	config := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("any", "any", "")}
	options := []func(*amazonsqs.Options){
		amazonsqs.WithEndpointResolverV2(sqs.OverrideEndpointResolver{
			Endpoint: transport.Endpoint{URI: *must(url.Parse(os.Getenv("JOBS_ENDPOINT")))}})}
	logger := watermill.NopLogger{}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	subscriber := must(sqs.NewSubscriber(sqs.SubscriberConfig{AWSConfig: config, OptFns: options}, logger))
	messages := must(subscriber.Subscribe(ctx, queue))
	publisher := must(sqs.NewPublisher(sqs.PublisherConfig{AWSConfig: config, OptFns: options}, logger))
	go produce(publisher, queue, count)
	for job := range messages {
		var number, value int
		must(fmt.Sscan(string(job.Payload), &number, &value))
		fmt.Println("done", number, value*value)
		job.Ack()
	}
}

// As a producer must: whatever was not answered is sent again.
func produce(publisher *sqs.Publisher, queue string, count int) {
	for number := range count {
		job := message.NewMessage(watermill.NewUUID(), fmt.Appendf(nil, "%d %d", number, number+7))
		for publisher.Publish(queue, job) != nil {
			time.Sleep(200 * time.Millisecond)
		}
	}
	fmt.Println("sent")
}

"""Who asks, and where: hosts, accounts, regions."""

from harness.signing import Signer
from harness.wire import Wire
from sqs.raw import *


@case
def queue_urls_follow_the_host(server, prefix):
    reply = server.json("CreateQueue", {"QueueName": prefix}, headers={"Host": "my-machine:1234"})
    same(reply.json()["QueueUrl"], f"http://my-machine:1234/{ACCOUNT}/{prefix}")
    reply = server.json("GetQueueUrl", {"QueueName": prefix}, headers={"Host": f"sqs.{REGION}.my-domain:1234"})
    same(reply.json()["QueueUrl"], f"http://sqs.{REGION}.my-domain:1234/{ACCOUNT}/{prefix}")


@case
def accounts_and_regions_are_apart(server, prefix):
    urls = set()
    for account, region in (("111111111111", REGION), ("222222222222", REGION), ("111111111111", "eu-west-1")):
        own = Wire(f"http://{server.authority()}", Signer(account, "any", region))
        url = own.json("CreateQueue", {"QueueName": prefix, "Attributes": {"DelaySeconds": str(len(urls))}}).json()["QueueUrl"]
        told = own.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]}).json()["Attributes"]
        same(told["QueueArn"], f"arn:aws:sqs:{region}:{account}:{prefix}")
        same(len(own.json("ListQueues", {"QueueNamePrefix": prefix}).json()["QueueUrls"]), 1)
        urls.add(told["QueueArn"])
    same(len(urls), 3)
    refused(server.json("GetQueueUrl", {"QueueName": prefix}), 400, "QueueDoesNotExist")


@case
def partitions_of_regions(server, prefix):
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
        own = Wire(f"http://{server.authority()}", Signer("any", "any", region))
        url = own.json("CreateQueue", {"QueueName": prefix}).json()["QueueUrl"]
        told = own.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]}).json()["Attributes"]
        same(told["QueueArn"], f"arn:{partition}:sqs:{region}:{ACCOUNT}:{prefix}")

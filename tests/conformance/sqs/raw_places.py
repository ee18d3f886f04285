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


@case
def regions_of_urls(server, prefix):
    europe = Wire(f"http://{server.authority()}", Signer("any", "any", "eu-west-1"))
    url = europe.json("CreateQueue", {"QueueName": prefix}).json()["QueueUrl"]
    refused(server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}), 400, "QueueDoesNotExist")
    for known in (f"https://sqs.eu-west-1.amazonaws.invalid/{ACCOUNT}/{prefix}",
                  f"https://eu-west-1.queue.amazonaws.invalid/{ACCOUNT}/{prefix}",
                  f"http://localhost:4566/queue/eu-west-1/{ACCOUNT}/{prefix}", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{prefix}"):
        same(server.json("SendMessage", {"QueueUrl": known, "MessageBody": "x"}).status, 200, known)
    same(server.query("SendMessage", {"MessageBody": "x"}, path=f"/queue/eu-west-1/{ACCOUNT}/{prefix}").status, 200)
    same(server.query("SendMessage", {"MessageBody": "x"}, path=f"/{ACCOUNT}/{prefix}",
                      headers={"Host": "sqs.eu-west-1.my.domain"}).status, 200)
    same(len(europe.json("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10}).json()["Messages"]), 6)


@case
def hosts_that_look_like_a_region(server, prefix):
    for host in ("sqs.my.domain", "queue.my.domain", "my.queue.domain"):
        url = server.json("CreateQueue", {"QueueName": prefix}, headers={"Host": host}).json()["QueueUrl"]
        same(url, f"http://{host}/{ACCOUNT}/{prefix}")
        same(server.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}).status, 200, host)


@case
def queues_of_another_account(server, prefix):
    url = create(server, prefix)
    told = server.json("GetQueueUrl", {"QueueName": prefix, "QueueOwnerAWSAccountId": ACCOUNT})
    same((told.status, told.json()["QueueUrl"]), (200, url))
    refused(server.json("GetQueueUrl", {"QueueName": prefix, "QueueOwnerAWSAccountId": "1" * 12}), 400, "QueueDoesNotExist")
    refused(server.query("GetQueueUrl", {"QueueName": prefix, "QueueOwnerAWSAccountId": "1" * 12}), 400,
            "AWS.SimpleQueueService.NonExistentQueue", NOT_EXIST_QUERY)

import json

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from cdk_trusted_images import AlertTopic, ImageTrust, ImportedSigningKey, TrustedImage

app = cdk.App()
stack = cdk.Stack(app, "TeamJobs")

# The trust is in another account. This file was copied from there, and is copied again when a key is replaced:
# aws cloudformation describe-stacks --stack-name Platform --query 'Stacks[0].Outputs' > platform.json
with open("platform.json", encoding="utf-8") as file:
    outputs = {output["OutputKey"]: output["OutputValue"] for output in json.load(file)}

register = outputs["TrustedImagesRegisterTableArn"]
trust = ImageTrust.from_attributes(
    stack,
    "Trust",
    schema_version=outputs["TrustedImagesSchemaVersion"],
    register_table_arn=register,
    policies_table_arn=outputs["TrustedImagesPoliciesTableArn"],
    scan_requests_queue_arn=outputs["TrustedImagesScanRequestsQueueArn"],
    scan_requests_queue_url=outputs["TrustedImagesScanRequestsQueueUrl"],
    evidence_bucket_name=outputs["TrustedImagesEvidenceBucketName"],
    signing_keys=[
        ImportedSigningKey(key_arn=key["arn"], accepted_until=key.get("acceptedUntil"))
        for key in json.loads(outputs["TrustedImagesSigningKeys"])
    ],
    alert_topic=AlertTopic.text(),
)

# the trust judges images of its own account and region
partition, _, region, account = register.split(":")[1:5]
jobs = ecr.Repository.from_repository_arn(
    stack, "Repository", f"arn:{partition}:ecr:{region}:{account}:repository/teams/jobs"
)
image = TrustedImage.from_tag(
    stack,
    "Image",
    trust=trust,
    repository=jobs,
    tag=app.node.try_get_context("tag") or "v1",
)
task = ecs.FargateTaskDefinition(stack, "Task")
task.add_container("App", image=image.to_ecs_image())

app.synth()

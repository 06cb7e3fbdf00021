import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from cdk_trusted_images import ImagePolicy, ImageTrust, PolicyRule, RepositorySelector, TrustedImage

app = cdk.App()

images = cdk.Stack(app, "PythonImages")
trust = ImageTrust(
    images,
    "Trust",
    repositories=[RepositorySelector.prefix("python/")],
    policy=ImagePolicy.standard().without("runs-as-root").plus(PolicyRule.runs_as_root().warns()),
)
web = trust.add_repository("Web", repository_name="python/web")

# what runs: it is deployed if the image under this tag is trusted, and else the deployment says why it is not
service = cdk.Stack(app, "PythonService")
image = TrustedImage.from_tag(
    service,
    "Image",
    trust=trust,
    repository=web.repository,
    tag=app.node.try_get_context("tag") or "v1",
)
lambda_.Function(
    service,
    "Function",
    code=image.to_lambda_code(),
    handler=lambda_.Handler.FROM_IMAGE,
    runtime=lambda_.Runtime.FROM_IMAGE,
)

app.synth()

"""What CloudFormation says of a custom resource while its function is asked, and MiniStack does not.

The URL for the answer ends with the key of the object in CloudFormation's bucket, `<stack ARN>|<logical id>|<request
id>`, and DescribeStackResource tells of a resource in progress: MiniStack's URL has a token only, and it knows a
resource once it is complete.
"""

from urllib.parse import quote

from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource, handlers

_ANSWERS = "/_ministack/cfn-response/"
_STATUS = {"Create": "CREATE_IN_PROGRESS", "Update": "UPDATE_IN_PROGRESS", "Delete": "DELETE_IN_PROGRESS"}

# (stack id, logical id) -> the event whose answer is waited for
_asked: dict = {}


def ask_as_cloudformation_does():
    execute = lambda_svc._execute_function_with_config_scope
    deliver = custom_resource.deliver_response
    describe = handlers._ACTION_HANDLERS["DescribeStackResource"]

    def execute_with_key(func, event):
        if isinstance(event, dict) and _ANSWERS in str(event.get("ResponseURL", "")):
            ids = [event["StackId"], event["LogicalResourceId"], event["RequestId"]]
            event = {**event, "ResponseURL": f"{event['ResponseURL']}/{quote('|'.join(ids), safe='')}"}
            _asked[(event["StackId"], event["LogicalResourceId"])] = event
        return execute(func, event)

    def deliver_by_token(token, response):
        _asked.pop((response.get("StackId"), response.get("LogicalResourceId")), None)
        return deliver(token.partition("/")[0], response)

    def describe_in_progress(params):
        stack_id, logical_id = (handlers._p(params, name) for name in ("StackName", "LogicalResourceId"))
        event = _asked.get((stack_id, logical_id))
        if event is None:
            return describe(params)
        detail = {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": event.get("PhysicalResourceId", ""),
            "ResourceType": event["ResourceType"],
            "ResourceStatus": _STATUS[event["RequestType"]],
            "StackId": stack_id,
        }
        members = "".join(f"<{name}>{handlers._esc(value)}</{name}>" for name, value in detail.items())
        return handlers._xml(
            200,
            "DescribeStackResourceResponse",
            f"<DescribeStackResourceResult><StackResourceDetail>{members}</StackResourceDetail>"
            "</DescribeStackResourceResult>",
        )

    lambda_svc._execute_function_with_config_scope = execute_with_key
    custom_resource.deliver_response = deliver_by_token
    handlers._ACTION_HANDLERS["DescribeStackResource"] = describe_in_progress

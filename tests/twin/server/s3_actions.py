"""Requests of S3 as IAM sees them: the action is named by method and subresource."""

from __future__ import annotations

from tests.twin.server.requests import Call, Request

# IAM's word for what a subresource of a bucket holds.
_BUCKET = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_OBJECT = {"acl": "ObjectAcl", "tagging": "ObjectTagging"}
_PLAIN_BUCKET = {"PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_PLAIN_OBJECT = {"PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}
# The only subresources whose removal is a right of its own; any other is a write.
_OWN_DELETE = {"policy": "DeleteBucketPolicy", "website": "DeleteBucketWebsite"}
_CONDITION_HEADERS = ("x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id")


def s3_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of S3."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    if not bucket:
        return [Call("s3:ListAllMyBuckets")]
    arn = f"arn:aws:s3:::{bucket}"
    if key:
        return [Call(f"s3:{_object_action(request)}", f"{arn}/{key}", _conditions(request))]
    if "delete" in request.query:
        # The body names the objects; a right to delete is given for whole buckets here.
        return [Call("s3:DeleteObject", f"{arn}/*"), Call("s3:DeleteObjectVersion", f"{arn}/*")]
    context = {"s3:prefix": request.query["prefix"]} if "prefix" in request.query else {}
    return [Call(f"s3:{_bucket_action(request)}", arn, context), *_passed(request)]


def _passed(request: Request) -> list[Call]:
    """Return the right to give S3 the role that it copies objects under."""
    passed = {"iam:PassedToService": "s3.amazonaws.com"}
    role = request.facts.get("Role")
    return [Call("iam:PassRole", str(role), passed)] if role else []


def _bucket_action(request: Request) -> str:
    if "versions" in request.query:
        return "ListBucketVersions"
    part = next((name for name in _BUCKET if name in request.query), None)
    if part is None:
        return _PLAIN_BUCKET.get(request.method, "ListBucket")
    if request.method == "DELETE" and part in _OWN_DELETE:
        return _OWN_DELETE[part]
    return ("Get" if request.method in {"GET", "HEAD"} else "Put") + _BUCKET[part]


def _object_action(request: Request) -> str:
    part = next((name for name in _OBJECT if name in request.query), None)
    if part is not None:
        return ("Get" if request.method == "GET" else "Put") + _OBJECT[part]
    action = _PLAIN_OBJECT.get(request.method, "GetObject")
    versioned = "versionId" in request.query and action in {"GetObject", "DeleteObject"}
    return f"{action}Version" if versioned else action


def _conditions(request: Request) -> dict[str, str]:
    return {
        f"s3:{name}": request.headers[name]
        for name in _CONDITION_HEADERS
        if name in request.headers
    }

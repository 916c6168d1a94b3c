"""Requests of EC2 as IAM sees them: what is made carries tags, what is used is named by its id.

Which kinds of resource an action is judged by: AWS's Service Authorization Reference, EC2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from tests.twin.server.requests import Call, Request

_ACCOUNT = "123456789012"
# The kind of what a call makes; one that is not here changes or reads.
_MADE = {
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
_KINDS = {
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
# Calls that describe one resource. All others that describe know none.
_DESCRIBES_ONE = {"DescribeVpcAttribute"}
# Parameters that name a resource the call is not judged by, by how they begin: the other end of a
# rule, the filters of a description, tags, and rules, which are judged by their group.
_NOT_JUDGED = ("Filter", "IpPermissions", "SecurityGroupRuleId", "TagSpecification")
_HOSTED_ZONE = "arn:aws:route53:::hostedzone/of-the-service"


def ec2_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of EC2."""
    action = f"ec2:{request.operation}"
    if request.operation.startswith("Describe") and request.operation not in _DESCRIBES_ONE:
        return [Call(action)]
    used = [Call(action, _arn(request, found)) for found in _used(request)]
    return [*used, *_made(request, action), *_private_names(request)]


def tags_of(arn: str) -> Mapping[str, str]:
    """Return the tags that a part of a network has."""
    region, found = arn.split(":")[3], arn.rpartition("/")[2]
    return dict(ec2_backends[_ACCOUNT][region].tags.get(found, {}))


def _made(request: Request, action: str) -> Iterator[Call]:
    """Yield the right to make a resource, and to tag it as it is made."""
    kind = _MADE.get(request.operation)
    if kind is None:
        return
    new = f"arn:aws:ec2:{request.region}:{_ACCOUNT}:{kind}/*"
    tags = {f"aws:RequestTag/{name}": value for name, value in _new_tags(request.facts)}
    yield Call(action, new, tags)
    if tags:
        yield Call("ec2:CreateTags", new, {**tags, "ec2:CreateAction": request.operation})


def _new_tags(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if name.startswith("TagSpecification") and name.endswith(".Key"):
            yield value, str(facts[f"{name.removesuffix('.Key')}.Value"])


def _private_names(request: Request) -> list[Call]:
    """Return the right to give a service its usual name inside a network."""
    is_asked = request.facts.get("PrivateDnsEnabled") == "true"
    return [Call("route53:AssociateVPCWithHostedZone", _HOSTED_ZONE)] if is_asked else []


def _used(request: Request) -> list[str]:
    """Return the ids of the existing resources that a call is judged by."""
    ids = [
        str(value)
        for name, value in request.facts.items()
        if not name.startswith(_NOT_JUDGED) and str(value).partition("-")[0] in _KINDS
    ]
    association = str(request.facts.get("AssociationId", ""))
    return [*ids, *_parts_of(association, request.region)]


def _parts_of(association: str, region: str) -> list[str]:
    """Return the table and the subnet of an association."""
    for table in ec2_backends[_ACCOUNT][region].route_tables.values():
        for found in table.associations:
            if found["RouteTableAssociationId"] == association:
                return [table.id, found["SubnetId"]]
    return []


def _arn(request: Request, found: str) -> str:
    kind = _KINDS[found.partition("-")[0]]
    return f"arn:aws:ec2:{request.region}:{_ACCOUNT}:{kind}/{found}"

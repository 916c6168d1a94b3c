# A network without a way out: what runs in it reaches the AWS services named here and nothing else.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:the first two by name are used, and a new zone gets a later name
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  # Two, so that the pipeline survives the loss of one zone.
  zones             = { for place in [0, 1] : tostring(place) => data.aws_availability_zones.available.names[place] }
  gateway_services  = toset(["s3", "dynamodb"])
  subnet_ids        = [for place in sort(keys(local.zones)) : aws_subnet.this[place].id]
  endpoint_services = "com.amazonaws.${data.aws_region.current.name}"
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:there is no way in or out; each call through an endpoint is in CloudTrail
  #checkov:skip=CKV2_AWS_12:nothing uses the default group, and adopting it would need rights on a group without our tag
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # private names of the endpoints

  tags = { Name = var.name }
}

resource "aws_subnet" "this" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.value
  cidr_block        = cidrsubnet(var.cidr, 2, tonumber(each.key))

  tags = { Name = "${var.name}_${each.key}" }
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_route_table_association" "this" {
  for_each = aws_subnet.this

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:jobs, functions and endpoints are in it, in other modules
  name        = var.name
  description = "Jobs, functions and endpoints: among themselves, to S3 and to DynamoDB"
  vpc_id      = aws_vpc.this.id

  tags = { Name = var.name }
}

# Glue asks for every TCP port between the members of the group: driver and executors talk to each other.
resource "aws_vpc_security_group_ingress_rule" "members" {
  #checkov:skip=CKV_AWS_24:only members of the group come in, from no address
  #checkov:skip=CKV_AWS_25:only members of the group come in, from no address
  #checkov:skip=CKV_AWS_260:only members of the group come in, from no address
  security_group_id            = aws_security_group.this.id
  description                  = "Members of the group among themselves"
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
  referenced_security_group_id = aws_security_group.this.id
}

resource "aws_vpc_security_group_egress_rule" "members" {
  security_group_id            = aws_security_group.this.id
  description                  = "Members of the group among themselves"
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
  referenced_security_group_id = aws_security_group.this.id
}

resource "aws_vpc_security_group_egress_rule" "gateways" {
  for_each = aws_vpc_endpoint.gateway

  security_group_id = aws_security_group.this.id
  description       = "The service ${each.key} through its gateway"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value.prefix_list_id
}

# Only for callers of this account: credentials of another one cannot carry data out.
data "aws_iam_policy_document" "endpoint" {
  #checkov:skip=CKV_AWS_1:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV_AWS_49:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV_AWS_108:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV_AWS_109:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV_AWS_110:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV_AWS_111:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV_AWS_356:an endpoint's policy only narrows what the callers' own policies allow
  #checkov:skip=CKV2_AWS_40:an endpoint's policy only narrows what the callers' own policies allow
  statement {
    sid       = "CallersOfThisAccount"
    actions   = ["*"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_services

  vpc_id            = aws_vpc.this.id
  service_name      = "${local.endpoint_services}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.this.id]
  policy            = data.aws_iam_policy_document.endpoint.json

  tags = { Name = "${var.name}_${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_services

  vpc_id              = aws_vpc.this.id
  service_name        = "${local.endpoint_services}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = local.subnet_ids
  security_group_ids  = [aws_security_group.this.id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint.json

  tags = { Name = "${var.name}_${each.key}" }
}

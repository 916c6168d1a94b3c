# Whoever got hold of the credentials of a job or a function can use them from inside the network only.
# Senders, operators, BI tools and Terraform's roles are not meant: they call from where people are.
data "aws_iam_policy_document" "network_door" {
  for_each = local.private_network ? toset(["raw", "lake", "results"]) : toset([])

  statement {
    sid       = "JobsAndFunctionsOnlyFromTheNetwork"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.arn.buckets[each.key], "${local.arn.buckets[each.key]}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = [for name in local.network_roles : "arn:${local.partition}:iam::${local.account}:role/${name}"]
    }

    # A key that is missing is not equal: a call from outside any network names none.
    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpc"
      values   = [local.network.vpc_id]
    }

    # Not a call that a service makes in their name.
    condition {
      test     = "Bool"
      variable = "aws:ViaAWSService"
      values   = ["false"]
    }
  }
}

locals {
  network_doors = { for use in ["raw", "lake", "results"] : use => [for door, document in data.aws_iam_policy_document.network_door : document.json if door == use] }

  network_roles = concat(
    values(local.names.jobs),
    [for name in ["keep_bundle", "notify", "register_files", "sweep"] : "${local.prefix}_${name}${local.suffix}"],
    local.small_runs ? [local.names.small_run] : [],
    local.canary ? [local.canary_name] : [],
    local.close_day == null ? [] : [local.closing_name],
  )
}

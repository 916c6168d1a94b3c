data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "What the job ${var.name} may do"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.role.boundary_arn
}

resource "aws_iam_role_policy" "this" {
  name   = "what-it-does"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

# Log groups that Glue writes to under a security configuration. Glue would create them without a
# retention, so they are created here.
locals {
  log_group = "${var.log.group_prefix}/${var.security_configuration}-role/${var.name}"
  # Built from their names: a policy that waits for a resource reads "known after apply" in a plan.
  log_group_arns = [
    for use in ["error", "output"] :
    "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${local.log_group}/${use}"
  ]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["error", "output"])

  name              = "${local.log_group}/${each.key}"
  retention_in_days = var.log.retention_days
  kms_key_id        = var.log.key_arn
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [var.role.policy]

  statement {
    sid = "WriteItsLog"
    actions = [
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]
    resources = flatten([for arn in local.log_group_arns : [arn, "${arn}:*"]])
  }

  dynamic "statement" {
    for_each = length(var.connections) == 0 ? [] : [true]

    content {
      sid     = "ReadItsConnections"
      actions = ["glue:GetConnection"]
      resources = concat(
        ["arn:${data.aws_partition.current.partition}:glue:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:catalog"],
        [for name in var.connections : "arn:${data.aws_partition.current.partition}:glue:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:connection/${name}"],
      )
    }
  }

  # Glue makes the network interfaces of a job with the job's own role, and marks them as its own.
  dynamic "statement" {
    for_each = length(var.connections) == 0 ? [] : [true]

    content {
      #checkov:skip=CKV_AWS_111:the interfaces do not exist yet, and what describes networks knows no resource
      #checkov:skip=CKV_AWS_356:the interfaces do not exist yet, and what describes networks knows no resource
      sid = "JoinTheNetwork"
      actions = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.connections) == 0 ? [] : [true]

    content {
      sid       = "MarkItsInterfaces"
      actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
      resources = ["arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:network-interface/*"]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "aws:TagKeys"
        values   = ["aws-glue-service-resource"]
      }
    }
  }
}

resource "aws_glue_job" "this" {
  name                   = var.name
  description            = var.description
  role_arn               = aws_iam_role.this.arn
  glue_version           = "5.0" # Spark 3.5.4, Python 3.11, Hudi 0.15.0: the newest with this Hudi
  worker_type            = "G.1X"
  number_of_workers      = var.workers
  execution_class        = var.execution_class
  timeout                = var.timeout_minutes
  max_retries            = 0 # the next run takes the files again; the first attempt still holds the lease that a retry needs
  security_configuration = var.security_configuration
  connections            = var.connections

  command {
    name            = "glueetl"
    script_location = var.script_location
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = 1
  }

  # Not --enable-metrics: Glue's own metrics want a GlueContext, and the functions report the runs.
  # Not --enable-glue-datacatalog: jobs read and write by path. A session bound to the catalog would
  # need rights on the database `default`.
  default_arguments = merge({
    "--custom-logGroup-prefix" = var.log.group_prefix
    "--datalake-formats"       = "hudi"
    "--job-bookmark-option"    = "job-bookmark-disable" # the tracking table replaces bookmarks
    "--job-language"           = "python"
  }, var.arguments)

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

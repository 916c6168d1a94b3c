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
  log_group = "${var.log_group_prefix}/${var.security_configuration}-role/${var.name}"
  # Built from their names: a policy that waits for a resource reads "known after apply" in a plan.
  log_group_arns = [
    for use in ["error", "output"] :
    "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${local.log_group}/${use}"
  ]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["error", "output"])

  name              = "${local.log_group}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn
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
    "--custom-logGroup-prefix" = var.log_group_prefix
    "--datalake-formats"       = "hudi"
    "--job-bookmark-option"    = "job-bookmark-disable" # the tracking table replaces bookmarks
    "--job-language"           = "python"
  }, var.arguments)

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

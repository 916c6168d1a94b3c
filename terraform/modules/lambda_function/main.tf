data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "What the function ${var.name} may do"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.role.boundary_arn
}

# Built from its name: a policy that waits for a resource reads "known after apply" in a plan.
locals {
  log_group     = "/aws/lambda/${var.name}"
  function_arn  = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:function:${var.name}"
  log_group_arn = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${local.log_group}"
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [var.role.policy]

  statement {
    sid       = "WriteItsOwnLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }

  dynamic "statement" {
    for_each = var.dead_letter_arn == null ? [] : [var.dead_letter_arn]

    content {
      sid       = "SendToItsDeadLetterQueue"
      actions   = ["sqs:SendMessage"]
      resources = [statement.value]
    }
  }

  # Lambda makes the network interfaces of a function with the function's own role.
  dynamic "statement" {
    for_each = var.network == null ? [] : [true]

    content {
      #checkov:skip=CKV_AWS_111:Lambda asks for these rights on every resource, as AWS's own policy for it has them
      sid = "JoinTheNetwork"
      actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.network == null ? [] : [true]

    content {
      sid       = "NotFromTheFunctionsCode"
      effect    = "Deny"
      actions   = ["ec2:*"]
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "lambda:SourceFunctionArn"
        values   = [local.function_arn]
      }
    }
  }

  statement {
    # X-Ray has no resources to name.
    #checkov:skip=CKV_AWS_356:X-Ray supports no resource-level permission for these
    #checkov:skip=CKV_AWS_111:X-Ray supports no resource-level permission for these
    sid       = "Trace"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "what-it-does"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:a new account has 10 concurrent executions in all and refuses to reserve any; the queue's maximum_concurrency limits the busy one, and run_small reserves its own
  #checkov:skip=CKV_AWS_116:without a dead-letter queue its failures go to EventBridge (terraform/small_run.tf)
  #checkov:skip=CKV_AWS_117:an option of the workspace (terraform/network.tf); it reaches AWS services only and keeps no data
  #checkov:skip=CKV_AWS_173:the environment holds names, never secrets; under a key of ours the plan role could not compare it, and every plan would differ
  #checkov:skip=CKV_AWS_272:the package is built reproducibly and its hash is in the reviewed plan; signing needs a profile per account
  function_name                  = var.name
  description                    = var.description
  role                           = aws_iam_role.this.arn
  handler                        = var.handler
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  filename                       = var.package.bucket == null ? var.package.path : null
  s3_bucket                      = var.package.bucket
  s3_key                         = var.package.key
  source_code_hash               = fileexists(var.package.path) ? filebase64sha256(var.package.path) : null
  timeout                        = var.timeout_seconds
  memory_size                    = var.machine.memory
  reserved_concurrent_executions = var.machine.at_once
  publish                        = var.machine.snapshots

  ephemeral_storage {
    size = var.machine.disk
  }

  environment {
    variables = var.environment
  }

  dynamic "snap_start" {
    for_each = var.machine.snapshots ? [true] : []

    content {
      apply_on = "PublishedVersions"
    }
  }

  dynamic "vpc_config" {
    for_each = var.network == null ? [] : [var.network]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = [vpc_config.value.security_group_id]
    }
  }

  dynamic "dead_letter_config" {
    for_each = var.dead_letter_arn == null ? [] : [var.dead_letter_arn]

    content {
      target_arn = dead_letter_config.value
    }
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  depends_on = [aws_iam_role_policy.this]
}

# What callers call, so that they never reach a version without a snapshot.
resource "aws_lambda_alias" "live" {
  count = var.machine.snapshots ? 1 : 0

  name             = "live"
  description      = "The version that is called"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

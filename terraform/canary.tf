# With `canary` the stack sends itself a small upload every day, for a tenant that is never published, and
# an alarm says when one was not published in time. Whatever breaks on the way, this notices.

locals {
  canary_name   = "${local.prefix}_canary${local.suffix}"
  canary_tenant = "metriccare-canary" # src/metriccare/naming.py
  # A day between two uploads, an hour between two looks, and the time an upload may wait.
  canary_hours = 25 + ceil(local.workspace.oldest_waiting_minutes / 60)

  canary_alarms = {
    for module in module.canary : "canary_late" => {
      description    = "The canary of the last day was not published within its time, so uploads are not either. docs/runbook.md (canary_late)."
      namespace      = local.metric_namespace
      metric         = "HoursSinceCanaryPublished"
      dimensions     = local.of_workspace
      statistic      = "Maximum"
      period_seconds = 3600
      threshold      = local.canary_hours
      sends_ok       = true
    }
  }
}

data "aws_iam_policy_document" "canary" {
  statement {
    sid       = "SendItsUpload"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn.buckets.raw}/${local.canary_tenant}/*"]
  }

  statement {
    sid       = "SeeWhetherItWasPublished"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
    resources = [local.arn.tracking_table]
  }

  statement {
    sid       = "UseTheKeyOfBucketAndTable"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = local.data_key_arns
  }
}

module "canary" {
  source   = "./modules/lambda_function"
  for_each = local.canary ? { this = local.canary_name } : {}

  name               = each.value
  description        = "Sends a small upload every day and shows how long ago one was sent that is published"
  handler            = "lambda_functions.canary.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.canary.json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = 60
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = merge(local.function_environment, { METRICCARE_RAW_BUCKET = local.bucket_names.raw })
}

module "canary_schedule" {
  source   = "./modules/event_bridge"
  for_each = module.canary

  name                = local.names.rules.canary
  description         = "Looks after the canary every hour"
  function_arn        = each.value.arn
  dead_letter_arn     = aws_sqs_queue.events_dead.arn
  schedule_expression = "rate(1 hour)"
}

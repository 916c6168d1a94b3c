# Job states start notify; a schedule starts sweep. Glue may lose events, so sweep looks for them too.

resource "aws_sqs_queue" "events_dead" {
  name                      = "${local.prefix}_events_dead${local.suffix}"
  kms_master_key_id         = module.message_key.arn
  message_retention_seconds = 14 * 24 * 3600
}

data "aws_iam_policy_document" "events_dead" {
  statement {
    sid       = "RulesLeaveUndeliveredEvents"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events_dead.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = concat([module.job_ended.rule_arn, module.sweep_schedule.rule_arn], values(module.small_run_ended)[*].rule_arn)
    }
  }

  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.events_dead.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "events_dead" {
  queue_url = aws_sqs_queue.events_dead.id
  policy    = data.aws_iam_policy_document.events_dead.json
}

module "job_ended" {
  source = "./modules/event_bridge"

  name            = "${local.prefix}_job_ended${local.suffix}"
  description     = "Starts notify when a pipeline job or the upkeep job ends"
  function_arn    = module.notify.arn
  dead_letter_arn = aws_sqs_queue.events_dead.arn
  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail      = { jobName = local.watched_jobs, state = ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR"] }
  })
}

module "sweep_schedule" {
  source = "./modules/event_bridge"

  name                = "${local.prefix}_sweep${local.suffix}"
  description         = "Starts runs for waiting files and once a day; reports failures that events missed"
  function_arn        = module.sweep.arn
  dead_letter_arn     = aws_sqs_queue.events_dead.arn
  schedule_expression = "rate(${local.workspace.sweep_minutes} minutes)"
}

module "sweep" {
  source = "./modules/lambda_function"

  name                = "${local.prefix}_sweep${local.suffix}"
  description         = "Calls the sweep on a schedule: missed uploads, missed failures, the daily run"
  handler             = "lambda_functions.sweep.handler.handler"
  package             = { path = local.lambda_package }
  policy              = data.aws_iam_policy_document.sweep.json
  timeout_seconds     = 120
  environment_key_arn = module.data_key.arn
  log_key_arn         = module.log_key.arn
  log_retention_days  = local.workspace.log_retention_days
  dead_letter_arn     = aws_sqs_queue.events_dead.arn
  environment         = local.function_environment
}

# Job states -> notify; a schedule -> sweep. Glue's events are best effort, so sweep looks as well.

resource "aws_sqs_queue" "events_dead" {
  name                      = local.names.events_dead
  kms_master_key_id         = module.message_key.arn
  message_retention_seconds = 14 * 24 * 3600
}

data "aws_iam_policy_document" "events_dead" {
  statement {
    sid       = "RulesLeaveUndeliveredEvents"
    actions   = ["sqs:SendMessage"]
    resources = [local.arn.events_dead]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # Rules of this account by name, so that no other account's rule can write here. Not also
    # aws:SourceAccount: whether EventBridge sends it with a dead letter is not documented.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = values(local.arn.rules)
    }
  }

  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.arn.events_dead]

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

  name            = local.names.rules.job_ended
  description     = "A job of the pipeline, or the upkeep job, ended"
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

  name                = local.names.rules.sweep
  description         = "Looks for waiting files, unreported failures and the daily run"
  function_arn        = module.sweep.arn
  dead_letter_arn     = aws_sqs_queue.events_dead.arn
  schedule_expression = "rate(${local.workspace.sweep_minutes} minutes)"
}

module "sweep" {
  source = "./modules/lambda_function"

  name               = "${local.prefix}_sweep${local.suffix}"
  description        = "Starts a run when files wait or a day has passed; reports what events missed"
  handler            = "lambda_functions.sweep.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.sweep.json, boundary_arn = local.boundary_arn }
  timeout_seconds    = 120
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = local.function_environment
}

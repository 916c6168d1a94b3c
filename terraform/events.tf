# Job states start notify; a schedule starts sweep. Glue may lose events, so sweep looks for them too.

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

  name                = local.names.rules.sweep
  description         = "Starts runs for waiting files and once a day; reports failures that events missed"
  function_arn        = module.sweep.arn
  dead_letter_arn     = aws_sqs_queue.events_dead.arn
  schedule_expression = "rate(${local.workspace.sweep_minutes} minutes)"
}

module "sweep" {
  source = "./modules/lambda_function"

  name               = "${local.prefix}_sweep${local.suffix}"
  description        = "Calls the sweep on a schedule: missed uploads, missed failures, the daily run"
  handler            = "lambda_functions.sweep.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.sweep.json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = 120
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = local.function_environment
}

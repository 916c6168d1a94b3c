# With `close_day` a schedule closes the KPIs of the month that is over: on that day of the next month,
# and on the two days after it for what could not be closed then (a run was active, a file was missing).

locals {
  closing_name = "${local.prefix}_close_month${local.suffix}"
  # After the daily computation, which may take hours.
  closing_hour = (local.workspace.daily_run_hour_utc + 6) % 24
}

data "aws_iam_policy_document" "close_month" {
  statement {
    sid       = "StartTheUpkeepJob"
    actions   = ["glue:StartJobRun"]
    resources = ["${local.arn.glue}:job/${local.names.jobs["upkeep"]}"]
  }
}

module "close_month" {
  source   = "./modules/lambda_function"
  for_each = local.close_day == null ? {} : { this = local.closing_name }

  name               = each.value
  description        = "Starts the upkeep job that closes the KPIs of last month"
  handler            = "lambda_functions.close_month.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.close_month.json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = 60
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = local.function_environment
}

module "close_month_schedule" {
  source   = "./modules/event_bridge"
  for_each = module.close_month

  name                = local.names.rules.close_month
  description         = "Closes the KPIs of last month, on day ${local.close_day} and the two days after it"
  function_arn        = each.value.arn
  dead_letter_arn     = aws_sqs_queue.events_dead.arn
  schedule_expression = "cron(0 ${local.closing_hour} ${local.close_day}-${local.close_day + 2} * ? *)"
}

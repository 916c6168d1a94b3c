module "alerts" {
  source = "./modules/sns_topic"

  name                = local.names.alerts
  display_name        = "MetricCare ${terraform.workspace}"
  kms_key_arn         = module.message_key.arn
  publishing_services = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
  email               = local.alert_email
}

module "notify" {
  source = "./modules/lambda_function"

  name               = "${local.prefix}_notify${local.suffix}"
  description        = "Alerts people when a job ends: result, meaning, next step. Starts the next run if files wait"
  handler            = "lambda_functions.notify.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.notify.json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = 180
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = local.function_environment
}

locals {
  # Settings of the three functions. They hold names only, no secrets.
  function_environment = merge(
    {
      METRICCARE_WORKSPACE          = terraform.workspace
      METRICCARE_TRACKING_TABLE     = module.tracking.name
      METRICCARE_WORKFLOW           = module.workflow.name
      METRICCARE_JOBS               = join(",", local.job_names)
      METRICCARE_UPKEEP_JOB         = module.upkeep_job.name
      METRICCARE_TOPIC_ARN          = module.alerts.arn
      METRICCARE_DAILY_RUN_HOUR_UTC = tostring(local.workspace.daily_run_hour_utc)

      METRICCARE_MIN_MINUTES_BETWEEN_RUNS = tostring(local.workspace.min_minutes_between_runs)
    },
    local.slack_secret_name == null ? {} : { METRICCARE_SLACK_SECRET = local.slack_secret_name },
    local.small_runs ? { METRICCARE_SMALL_RUN = local.small_run_name } : {},
  )
}

resource "aws_budgets_budget" "this" {
  count = var.has_budget ? 1 : 0

  name         = "${local.prefix}_monthly${local.suffix}"
  budget_type  = "COST"
  limit_amount = tostring(local.workspace.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:%s$%s", "workspace", terraform.workspace)]
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      comparison_operator       = "GREATER_THAN"
      notification_type         = notification.key
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [module.alerts.arn]
    }
  }
}

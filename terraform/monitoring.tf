locals {
  of_workspace  = { Workspace = terraform.workspace }
  sweep_seconds = local.workspace.sweep_minutes * 60
  function_names = merge(
    { for name, module in { keep_bundle = module.keep_bundle, register_files = module.register_files, sweep = module.sweep, notify = module.notify } : name => module.name },
    { for module in module.run_small : "run_small" => module.name },
    { for module in module.canary : "canary" => module.name },
    { for name, module in module.serve : name => module.name },
    { for module in module.close_month : "close_month" => module.name },
  )

  pipeline_alarms = {
    run_failed = {
      description    = "A run failed or was refused; the last published results stay. Read the alert of the failed job, then docs/runbook.md (run_failed)."
      namespace      = local.metric_namespace
      metric         = "RunsFailed"
      dimensions     = local.of_workspace
      statistic      = "Sum"
      period_seconds = 300
      threshold      = 1
    }
    tenant_refused = {
      description    = "A quality gate refused to publish a tenant; the others are published. Read the alert of the gold job, then docs/runbook.md (tenant_refused)."
      namespace      = local.metric_namespace
      metric         = "TenantsRefused"
      dimensions     = local.of_workspace
      statistic      = "Maximum"
      period_seconds = 300
      threshold      = 1
    }
    waiting_file_old = {
      description    = "A file has waited ${local.workspace.oldest_waiting_minutes} minutes without being processed. docs/runbook.md (waiting_file_old)."
      namespace      = local.metric_namespace
      metric         = "OldestWaitingMinutes"
      dimensions     = local.of_workspace
      statistic      = "Maximum"
      period_seconds = local.sweep_seconds
      threshold      = local.workspace.oldest_waiting_minutes
      sends_ok       = true
    }
    publication_old = {
      description    = "Nothing has been published for more than 30 hours, though a run is due every day. docs/runbook.md (publication_old)."
      namespace      = local.metric_namespace
      metric         = "HoursSincePublication"
      dimensions     = local.of_workspace
      statistic      = "Maximum"
      period_seconds = local.sweep_seconds
      threshold      = 30
      sends_ok       = true
    }
    heartbeat_missing = {
      description    = "The sweep has not run twice in a row: nobody is watching the pipeline. docs/runbook.md (heartbeat_missing)."
      namespace      = local.metric_namespace
      metric         = "Heartbeat"
      dimensions     = local.of_workspace
      statistic      = "Sum"
      period_seconds = local.sweep_seconds
      periods        = 2
      threshold      = 1
      comparison     = "LessThanThreshold"
      missing_data   = "breaching"
      sends_ok       = true
    }
    upload_refused = {
      description    = "An upload message failed five times and lies in the dead-letter queue. docs/runbook.md (upload_refused), then: make redrive."
      namespace      = "AWS/SQS"
      metric         = "ApproximateNumberOfMessagesVisible"
      dimensions     = { QueueName = aws_sqs_queue.uploads_dead.name }
      statistic      = "Maximum"
      period_seconds = 60
      threshold      = 1
    }
    event_undelivered = {
      description    = "A job event or a schedule could not be handed to its function. docs/runbook.md (event_undelivered)."
      namespace      = "AWS/SQS"
      metric         = "ApproximateNumberOfMessagesVisible"
      dimensions     = { QueueName = aws_sqs_queue.events_dead.name }
      statistic      = "Maximum"
      period_seconds = 60
      threshold      = 1
    }
    upload_messages_old = {
      description    = "Upload messages have waited half an hour: register_files does not keep up or fails. docs/runbook.md (upload_messages_old)."
      namespace      = "AWS/SQS"
      metric         = "ApproximateAgeOfOldestMessage"
      dimensions     = { QueueName = aws_sqs_queue.uploads.name }
      statistic      = "Maximum"
      period_seconds = 300
      threshold      = 1800
      sends_ok       = true
    }
  }

  small_run_alarms = {
    for module in module.run_small : "small_run_unreported" => {
      description    = "The end of a small run could not be handed to EventBridge, so no alert was sent. docs/runbook.md (small_run)."
      namespace      = "AWS/Lambda"
      metric         = "DestinationDeliveryFailures"
      dimensions     = { FunctionName = module.name }
      statistic      = "Sum"
      period_seconds = 300
      threshold      = 1
    }
  }

  function_alarms = {
    for name, function in local.function_names : "${name}_errors" => {
      description    = "The function ${function} failed. Its log is /aws/lambda/${function}; docs/runbook.md (function_errors)."
      namespace      = "AWS/Lambda"
      metric         = "Errors"
      dimensions     = { FunctionName = function }
      statistic      = "Sum"
      period_seconds = 300
      threshold      = 1
    }
  }
}

# Missing heartbeats are an alarm, so the first one must be there before the first sweep is due.
resource "aws_lambda_invocation" "first_heartbeat" {
  function_name = module.sweep.name
  input         = jsonencode({ only_heartbeat = true })
}

module "monitoring" {
  source = "./modules/monitoring"

  name_prefix = local.prefix
  name_suffix = local.suffix
  region      = local.region
  topic_arn   = module.alerts.arn
  summary = {
    name        = "pipeline_unhealthy"
    description = "At least one alarm of ${terraform.workspace} is on; the dashboard shows which. docs/runbook.md (pipeline_unhealthy)."
  }
  alarms = merge(local.pipeline_alarms, local.function_alarms, local.small_run_alarms, local.canary_alarms)

  log_widgets = [
    {
      title     = "Minutes from upload to publication, by tenant (of the runs of the time shown)"
      log_group = "/aws/lambda/${module.notify.name}"
      query     = "filter what = 'tenant published' | stats sum(files) as files, pct(minutes_p50, 50) as p50, max(minutes_p95) as p95 by tenant | sort p95 desc"
    },
  ]

  widgets = [
    {
      title          = "Runs"
      statistic      = "Sum"
      period_seconds = 3600
      metrics = [
        for name in ["RunsSucceeded", "RunsFailed", "TenantsRefused", "PersonsNotComputed", "SmallRunsHandedOver"] : [local.metric_namespace, name, "Workspace", terraform.workspace]
      ]
    },
    {
      title          = "Minutes of a run, by job"
      statistic      = "Maximum"
      period_seconds = 3600
      metrics = [
        for job in concat(local.job_names, values(module.run_small)[*].name) : [local.metric_namespace, "JobMinutes", "Workspace", terraform.workspace, "Job", job]
      ]
    },
    {
      title          = "Rows"
      statistic      = "Sum"
      period_seconds = 3600
      metrics = [
        for name in ["RowsIn", "RowsLoaded", "RowsQuarantined"] : [local.metric_namespace, name, "Workspace", terraform.workspace]
      ]
    },
    {
      title          = "Lag: oldest waiting file (minutes), time since publication (hours)"
      statistic      = "Maximum"
      period_seconds = 3600
      metrics = [
        for name in ["OldestWaitingMinutes", "HoursSincePublication"] : [local.metric_namespace, name, "Workspace", terraform.workspace]
      ]
    },
    {
      title          = "Files in a run, files waiting"
      statistic      = "Maximum"
      period_seconds = 3600
      metrics = [
        for name in ["Files", "WaitingFiles"] : [local.metric_namespace, name, "Workspace", terraform.workspace]
      ]
    },
    {
      title          = "Minutes from upload to publication, half of the files take less"
      statistic      = "p50"
      period_seconds = 3600
      metrics        = [[local.metric_namespace, "MinutesToPublish", "Workspace", terraform.workspace]]
    },
    {
      title          = "Minutes from upload to publication, 19 of 20 files take less"
      statistic      = "p95"
      period_seconds = 3600
      metrics        = [[local.metric_namespace, "MinutesToPublish", "Workspace", terraform.workspace]]
    },
    {
      title          = "Messages in the dead-letter queues"
      statistic      = "Maximum"
      period_seconds = 300
      metrics = [
        for queue in [aws_sqs_queue.uploads_dead.name, aws_sqs_queue.events_dead.name] : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]
      ]
    },
  ]
}

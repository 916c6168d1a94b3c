# In a workspace with `small_runs` a function processes small uploads in one process. The workflow
# processes larger ones, and what the function could not finish.

locals {
  small_run_name    = local.names.small_run
  default_bus_arn   = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default"
  small_package_key = "bundles/small-run-${try(substr(filesha256(local.small_package), 0, 12), "missing")}.zip"
}

module "run_small" {
  source   = "./modules/lambda_function"
  for_each = local.small_runs ? { this = local.small_run_name } : {}

  name        = each.value
  description = "Processes small uploads up to the published measures, without Glue"
  handler     = "lambda_functions.run_small.handler.handler"
  package = {
    path   = local.small_package
    bucket = module.artifacts_bucket.name
    key    = local.small_package_key
  }
  machine = {
    memory  = 10240 # the most Lambda offers, with 6 processors
    disk    = 8192  # 2 GB of files to rewrite, their new versions, and what does not fit in memory
    at_once = 1     # the lake has one writer; Lambda queues further calls until it has ended
  }
  role               = { policy = data.aws_iam_policy_document.run_small[0].json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = 900
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  environment = merge(
    {
      METRICCARE_DEPLOYED_LAKE  = local.lake_root
      METRICCARE_WORKSPACE      = terraform.workspace
      METRICCARE_TRACKING_TABLE = module.tracking.name
    },
    local.settings_file == null ? {} : { METRICCARE_SETTINGS = module.deployed_files.locations["${local.settings_prefix}/metriccare.toml"] },
  )

  depends_on = [module.deployed_files]
}

# A failed call is not tried again: the workflow processes its files.
resource "aws_lambda_function_event_invoke_config" "run_small" {
  for_each = module.run_small

  function_name          = each.value.name
  maximum_retry_attempts = 0

  destination_config {
    on_failure {
      destination = local.default_bus_arn
    }

    on_success {
      destination = local.default_bus_arn
    }
  }
}

module "small_run_ended" {
  source   = "./modules/event_bridge"
  for_each = module.run_small

  name            = local.names.rules.small_run_ended
  description     = "Starts notify when a small run ends, also after a failure"
  function_arn    = module.notify.arn
  dead_letter_arn = aws_sqs_queue.events_dead.arn
  event_pattern = jsonencode({
    source      = ["lambda"]
    detail-type = ["Lambda Function Invocation Result - Success", "Lambda Function Invocation Result - Failure"]
    detail      = { requestContext = { functionArn = [{ prefix = each.value.arn }] } }
  })
}

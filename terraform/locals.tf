data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # All that differs between the workspaces. Encryption, public access, TLS and rights never do.
  workspaces = {
    dev = {
      account_id               = lookup(var.account_ids, "dev", null)
      job_layout               = "layers"
      small_runs               = false
      workers                  = 2
      execution_class          = "FLEX"
      job_timeout_minutes      = 60
      force_destroy            = true
      deletion_protection      = false
      key_deletion_days        = 7
      noncurrent_days          = 7
      lake_noncurrent_days     = 1
      raw_noncurrent_days      = 30
      results_days             = 7
      access_log_days          = 90
      log_retention_days       = 365
      min_minutes_between_runs = 0
      sweep_minutes            = 360
      daily_run_hour_utc       = 9
      oldest_waiting_minutes   = 720
      athena_bytes_per_query   = 10 * pow(1024, 3)
      monthly_budget_usd       = 100
      alert_email_is_required  = false
      private_network          = false
      given_network            = null
      data_key_arn             = null
      raw_replica_region       = null
      keeps_raw_replica        = true
      data_events              = false
      canary                   = false
      close_day                = null
      serving                  = false
      serving_issuer           = null
      serving_domain           = null
      web_acl                  = false
    }
    prod = {
      account_id               = lookup(var.account_ids, "prod", null)
      job_layout               = "layers"
      small_runs               = false
      workers                  = 4
      execution_class          = "STANDARD"
      job_timeout_minutes      = 120
      force_destroy            = false
      deletion_protection      = true
      key_deletion_days        = 30
      noncurrent_days          = 30
      lake_noncurrent_days     = 3  # runs rewrite much of it, and raw rebuilds it
      raw_noncurrent_days      = 30 # nothing else holds an upload that was deleted
      results_days             = 30
      access_log_days          = 365
      log_retention_days       = 2192 # six years, the retention HIPAA asks of its documentation
      min_minutes_between_runs = 30   # at most 48 runs a day, however uploads trickle in
      sweep_minutes            = 60
      daily_run_hour_utc       = 9
      oldest_waiting_minutes   = 120
      athena_bytes_per_query   = 100 * pow(1024, 3)
      monthly_budget_usd       = 500
      alert_email_is_required  = true
      private_network          = false
      given_network            = null
      data_key_arn             = null
      raw_replica_region       = null
      keeps_raw_replica        = true
      data_events              = false
      canary                   = false
      close_day                = null
      serving                  = false
      serving_issuer           = null
      serving_domain           = null
      web_acl                  = true
    }
  }

  # Any other workspace plans with dev's numbers only as far as guards.tf, which stops it.
  workspace = lookup(local.workspaces, terraform.workspace, local.workspaces.dev)

  # The variable overrides the workspace.
  small_runs = var.small_runs == null ? local.workspace.small_runs : var.small_runs

  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  # A repository variable that is not set reaches Terraform as empty text.
  alert_email     = var.alert_email == "" ? null : var.alert_email
  settings_file   = var.settings_file == "" ? null : var.settings_file
  measures_folder = var.measures_folder == "" ? null : var.measures_folder

  # `metriccare_<layer>_<component>`, `_<workspace>` where the account must see no other.
  prefix        = "metriccare"
  suffix        = "_${terraform.workspace}"
  workflow_name = "${local.prefix}_pipeline_workflow${local.suffix}"
  layers        = ["bronze", "silver", "gold", "publish"]
  bucket_names  = { for use in ["raw", "lake", "artifacts", "results", "logs", "raw-replica", "trail", "audit", "site"] : use => "${local.prefix}-${use}-${local.account}-${terraform.workspace}" }
  databases     = { for layer in local.layers : layer => "${local.prefix}_${layer}${local.suffix}" }

  lake_root        = "s3://${local.bucket_names.lake}"
  metric_namespace = "MetricCare"

  artifacts_folder = coalesce(var.artifacts_folder, "${path.root}/../dist")
  lambda_package   = "${local.artifacts_folder}/lambda.zip"
  small_package    = "${local.artifacts_folder}/small_run.zip"
  serving_package  = "${local.artifacts_folder}/serving.zip"
  page_folder      = "${local.artifacts_folder}/site"
  wheel_bundle     = "${local.artifacts_folder}/metriccare.gluewheels.zip"
}

output "raw_bucket" {
  description = "Where senders upload: s3://<raw_bucket>/<tenant>/..."
  value       = module.raw_bucket.name
}

output "lake" {
  description = "Root of the lake, for `metriccare --lake`."
  value       = local.lake_root
}

output "buckets" {
  description = "Every bucket by its use."
  value = { for use, name in local.bucket_names : use => name if contains(concat(
    ["raw", "lake", "artifacts", "results", "logs"],
    local.has_raw_replica ? ["raw-replica"] : [],
    local.data_events ? ["trail"] : [],
    local.serving ? ["audit", "site"] : [],
  ), use) }
}

output "databases" {
  description = "Catalog database of each layer."
  value       = { for layer, database in module.database : layer => database.name }
}

output "bi_workgroup" {
  description = "Athena workgroup for dashboards and analysts."
  value       = module.bi_workgroup.name
}

output "operators_workgroup" {
  description = "Athena workgroup with the health checks."
  value       = module.operators_workgroup.name
}

output "bi_reader_role" {
  description = "Role for BI tools; it can read the publish database only."
  value       = aws_iam_role.bi_reader.arn
}

output "sender_policy" {
  description = "Policy for data senders; their tag `tenant` names their folder."
  value       = aws_iam_policy.sender.arn
}

output "upkeep_operator_policy" {
  description = "Policy for operators who may erase, replay and roll back (docs/runbook.md)."
  value       = aws_iam_policy.upkeep_operator.arn
}

output "operator_reader_policy" {
  description = "Policy for whoever may query every layer in the operators' workgroup (docs/security.md)."
  value       = aws_iam_policy.operator_reader.arn
}

output "upkeep_job" {
  description = "Glue job that `metriccare erase`, `replay` and `rollback` start."
  value       = module.upkeep_job.name
}

output "workflow" {
  description = "Glue workflow of the pipeline."
  value       = module.workflow.name
}

output "small_run" {
  description = "Function that processes small uploads; null if the workspace has none."
  value       = one(values(module.run_small)[*].name)
}

output "jobs" {
  description = "Glue jobs in the order they run."
  value       = local.job_names
}

output "tracking_table" {
  description = "DynamoDB table of files, runs and the lease."
  value       = module.tracking.name
}

output "topic" {
  description = "SNS topic of the alerts."
  value       = module.alerts.arn
}

output "queues" {
  description = "Upload queue and its dead-letter queue, for `make redrive`."
  value = {
    uploads      = aws_sqs_queue.uploads.url
    uploads_dead = aws_sqs_queue.uploads_dead.url
    events_dead  = aws_sqs_queue.events_dead.url
  }
}

output "dashboard" {
  description = "CloudWatch dashboard."
  value       = module.monitoring.dashboard_name
}

output "serving" {
  description = "What is served: the address, who signs people in, the client's id, the user pool (null with an issuer of yours); null if nothing is."
  value = one([
    for workspace in local.served : {
      address   = "https://${local.public_host}"
      issuer    = local.oidc.issuer
      client_id = local.oidc.client_id
      user_pool = one(values(module.cognito_user_pool)[*].pool_id)
    }
  ])
}

output "warning" {
  description = "What is missing in this deployment; empty if nothing is."
  value       = local.alert_email == null ? "No alert_email: failures are recorded, but nobody gets an alert. export TF_VAR_alert_email=..." : ""
}

output "commit" {
  description = "Deployed commit; the drift check plans from this commit."
  value       = var.commit
}

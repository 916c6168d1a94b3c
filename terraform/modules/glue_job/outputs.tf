output "name" {
  description = "Name of the job."
  value       = aws_glue_job.this.name
}

output "arn" {
  description = "ARN of the job."
  value       = aws_glue_job.this.arn
}

output "role_arn" {
  description = "ARN of the job's role."
  value       = aws_iam_role.this.arn
}

output "log_groups" {
  description = "Log groups of the job: `error` (Spark's log) and `output` (what the job prints)."
  value       = { for use, group in aws_cloudwatch_log_group.this : use => group.name }
}

output "arguments" {
  description = "Arguments that every run of the job gets."
  value       = aws_glue_job.this.default_arguments
}

output "runtime" {
  description = "Glue version, workers, timeout, concurrent runs and retries."
  value = {
    glue_version        = aws_glue_job.this.glue_version
    worker_type         = aws_glue_job.this.worker_type
    workers             = aws_glue_job.this.number_of_workers
    execution_class     = aws_glue_job.this.execution_class
    timeout_minutes     = aws_glue_job.this.timeout
    max_concurrent_runs = aws_glue_job.this.execution_property[0].max_concurrent_runs
    max_retries         = aws_glue_job.this.max_retries
  }
}

output "connections" {
  description = "Connections to the network the job runs in; none outside one."
  value       = var.connections
}

output "name" {
  description = "Name of the workflow."
  value       = aws_glue_workflow.this.name
}

output "arn" {
  description = "ARN of the workflow."
  value       = aws_glue_workflow.this.arn
}

output "triggers" {
  description = "Triggers in the order they fire: type, whether enabled, the job they start."
  value = concat(
    [{ type = aws_glue_trigger.start.type, enabled = aws_glue_trigger.start.enabled, starts = var.job_names[0] }],
    [for name in slice(var.job_names, 1, length(var.job_names)) : {
      type    = aws_glue_trigger.after[name].type
      enabled = aws_glue_trigger.after[name].enabled
      starts  = name
    }],
  )
}

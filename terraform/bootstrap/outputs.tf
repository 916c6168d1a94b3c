output "state_bucket" {
  description = "Bucket of the states, for `terraform init -backend-config=bucket=...`."
  value       = module.state_bucket.name
}

output "plan_role" {
  description = "Role of the plan jobs (repository variable PLAN_ROLE)."
  value       = aws_iam_role.plan.arn
}

output "apply_roles" {
  description = "Role of each apply job (variable APPLY_ROLE of the GitHub environment)."
  value       = { for workspace, role in aws_iam_role.apply : workspace => role.arn }
}

output "state_bucket" {
  description = "Bucket of the states, for `terraform init -backend-config=bucket=...`."
  value       = module.state_bucket.name
}

output "plan_role" {
  description = "Role of the plan jobs of this account's workspaces."
  value       = aws_iam_role.plan.arn
}

output "apply_roles" {
  description = "Role of each workspace's apply job."
  value       = { for workspace, role in aws_iam_role.apply : workspace => role.arn }
}

output "deployments" {
  description = "This account's part of the repository variable DEPLOYMENTS (docs/deploy.md)."
  value = {
    for workspace, role in aws_iam_role.apply : workspace => {
      workspace    = workspace
      account      = local.account
      region       = local.region
      state_bucket = module.state_bucket.name
      plan_role    = aws_iam_role.plan.arn
      apply_role   = role.arn
    }
  }
}
